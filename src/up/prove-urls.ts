import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { waitUntil } from '../lib/wait.ts'
import type { Address } from './summary-text.ts'

/**
 * kube-proxy and the ingress controller learn of a ready pod with a delay; an ingress controller of the project may
 * take seconds.
 */
const patienceMs = 20_000
const intervalMs = 50
const attemptMs = 5000
/** What a proxy answers while it knows no ready pod. */
const notYet: ReadonlySet<number> = new Set([502, 503, 504])

/**
 * Waits until each URL on this machine that works without a running devk answers over HTTP; any status but 502, 503 and
 * 504 will do. URLs of other machines are not checked. Throws NOT_READY with the URL and the last problem.
 */
export async function proveUrls(addresses: readonly Address[], signal: AbortSignal): Promise<void> {
  const own = addresses.filter(({ url, whileRunning }) => !whileRunning && isLocal(url))
  await Promise.all(
    own.map(({ name, url }) =>
      waitUntil((either) => problemOf(url, either), {
        what: `${name}: ${url}`,
        timeoutMs: patienceMs,
        intervalMs,
        signal,
      }),
    ),
  )
}

/**
 * Resolves when a URL on this machine answers in the same way, asked with these headers; undefined for another URL, or
 * one that works only while devk runs. Rejects with NOT_READY.
 */
export function firstAnswer(
  { name, url, whileRunning }: Address,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> | undefined {
  if (whileRunning || !isLocal(url)) return undefined
  const how = { what: `${name}: ${url}`, timeoutMs: patienceMs, intervalMs, signal }
  return waitUntil((either) => problemOf(url, either, headers), how)
}

function isLocal(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname) || /(^|\.)localhost$/.test(hostname)
}

/** Why a URL does not answer; undefined when it does. */
function problemOf(
  url: string,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const { protocol, hostname, port, host, pathname, search } = new URL(url)
  const request = protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve) => {
    const asked = request({
      // Not every resolver knows names below localhost.
      host: hostname.endsWith('.localhost') ? 'localhost' : hostname.replace(/^\[|\]$/g, ''),
      port: port || (protocol === 'https:' ? 443 : 80),
      path: pathname + search,
      headers: { ...headers, host },
      // This checks the route only. Whether the certificate is trusted is up to the browser.
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
