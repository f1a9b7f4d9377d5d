/** Which requests a forward passes on. */
export interface GuardRules {
  /** Hosts that requests may name besides those of this machine; `*.example.com` stands for every subdomain. */
  readonly hosts: readonly string[]
  /** Whether a page of another origin may not use it: true for the pages and APIs of presets. */
  readonly checksOrigin: boolean
}

/** What to do with the first bytes of a connection: pass them on, wait for more, or answer with this text. */
export type Verdict = 'pass' | 'more' | { readonly refusal: string }

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']
/** Limit for the head of a request, bytes. Node's own server has the same. */
const longestHead = 16 * 1024

/**
 * Judges a connection by the head of its first request. A browser sends the host that its page named, so that a page
 * whose host name was changed to lead to 127.0.0.1 (DNS rebinding) is found by it. Other protocols than HTTP pass. Only
 * the first request counts: browsers do not share a connection between sites. Pure.
 */
export function judge(bytes: Buffer, rules: GuardRules): Verdict {
  const start = bytes.toString('latin1', 0, 8)
  if (!methods.some((method) => `${method} `.startsWith(start) || start.startsWith(`${method} `))) return 'pass'
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0)
    return bytes.length < longestHead ? 'more' : refused('431 Request Header Fields Too Large', 'its head is too long')
  const lines = bytes.toString('latin1', 0, end).split('\r\n').slice(1)
  const headers = (name: string) =>
    lines.flatMap((line) => (line.toLowerCase().startsWith(`${name}:`) ? [line.slice(name.length + 1).trim()] : []))
  const hosts = headers('host')
  if (hosts.length > 1) return refused('400 Bad Request', 'it names several hosts')
  const [host] = hosts
  if (host !== undefined && !isOwn(host, rules)) {
    return refused(
      '403 Forbidden',
      `it is for the host ${host}. Add this host to allowedHosts in the configuration if it is yours`,
    )
  }
  if (!rules.checksOrigin) return 'pass'
  const foreign = headers('origin').find((origin) => !isOwn(origin.replace(/^https?:\/\//, ''), rules))
  if (foreign !== undefined) return refused('403 Forbidden', `it comes from a page of ${foreign}`)
  const isForeign = headers('sec-fetch-site').includes('cross-site') && !headers('sec-fetch-mode').includes('navigate')
  return isForeign ? refused('403 Forbidden', 'it comes from a page of another site') : 'pass'
}

/** Whether a host with or without a port is one of this machine, or one of the rules. */
function isOwn(host: string, { hosts }: GuardRules): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
  if (/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(name) || /\.(localhost|test|internal)$/.test(name)) return true
  return hosts.some((each) => (each.startsWith('*.') ? name.endsWith(each.slice(1)) : name === each))
}

function refused(status: string, why: string): { readonly refusal: string } {
  const body = `devk did not pass this request on: ${why}.\n`
  const head = [
    `HTTP/1.1 ${status}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ]
  return { refusal: `${head.join('\r\n')}\r\n\r\n${body}` }
}
