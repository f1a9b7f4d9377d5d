import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { waitUntil } from '../lib/wait.ts'
import type { Address } from './summary-text.ts'

/** kube-proxy and an ingress learn of a ready pod a moment later, an ingress of the project's own perhaps seconds later. */
const patienceMs = 20_000
const intervalMs = 50
const attemptMs = 5000
/** What a proxy says while it has nothing behind it yet. */
const notYet: ReadonlySet<number> = new Set([502, 503, 504])

/**
 * Waits until each URL of this machine that needs no running devk gives an HTTP answer, whatever it is, from end to end.
 * URLs of other machines are not asked. Throws NOT_READY with the URL and what was in the way.
 */
export async function proveUrls(addresses: readonly Address[], signal: AbortSignal): Promise<void> {
  const own = addresses.filter(({ url, whileRunning }) => !whileRunning && isLocal(url))
  await Promise.all(
    own.map(({ name, url }) =>
      waitUntil((either) => whyNot(url, either), {
        what: `${name}: ${url}`,
        timeoutMs: patienceMs,
        intervalMs,
        signal,
      }),
    ),
  )
}

function isLocal(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname) || /(^|\.)localhost$/.test(hostname)
}

/** Why a URL gives no answer; undefined when it does. */
function whyNot(url: string, signal: AbortSignal): Promise<string | undefined> {
  const { protocol, hostname, port, host, pathname, search } = new URL(url)
  const request = protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve) => {
    const asked = request({
      // Not every resolver knows the names below localhost.
      host: hostname.endsWith('.localhost') ? 'localhost' : hostname.replace(/^\[|\]$/g, ''),
      port: port || (protocol === 'https:' ? 443 : 80),
      path: pathname + search,
      headers: { host },
      // Only the way is proven here; the certificate is the browser's affair.
      rejectUnauthorized: false,
      servername: hostname,
      timeout: attemptMs,
      signal,
      agent: false,
    })
    asked.on('response', (answer) => {
      const { statusCode = 0 } = answer
      answer.destroy()
      resolve(notYet.has(statusCode) ? `answers ${statusCode}` : undefined)
    })
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${attemptMs / 1000} s`)))
    asked.on('error', (error) => resolve(error.message))
    asked.end()
  })
}
