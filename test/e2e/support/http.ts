import { type IncomingMessage, request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { text } from 'node:stream/consumers'

/** The answer to a request, read to its end. */
export interface HttpAnswer {
  readonly status: number
  /** The header `location`. */
  readonly location: string | undefined
  readonly body: string
}

interface HttpOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent with POST; without it the method is GET. */
  readonly body?: string | undefined
  /** The only certificate authority to trust, in PEM. */
  readonly ca?: string
  /** Name to check the certificate against, when it is not the URL's host. */
  readonly servername?: string
}

/**
 * Sends a request over a connection of its own. A connection that is kept alive stays with the pod that it reached first.
 * Rejects when the connection fails, or after 10 seconds without an answer.
 */
function request(url: string, { body, ...options }: HttpOptions = {}): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const read = (answer: IncomingMessage) => {
      const { statusCode: status = 0, headers } = answer
      text(answer).then((all) => resolve({ status, location: headers.location, body: all }), reject)
    }
    const send = url.startsWith('https:') ? secure : plain
    const method = body === undefined ? 'GET' : 'POST'
    const sent = send(url, { ...options, method, agent: false, timeout: 10_000 }, read)
    sent.on('timeout', () => sent.destroy(new Error('no answer in 10 s')))
    sent.on('error', reject)
    sent.end(body)
  })
}

/** A request to a virtual host. */
export interface HostRequest {
  readonly host: string
  readonly path?: string
  /** Sent with POST; without it the method is GET. */
  readonly body?: string
  /** Media type of the body. */
  readonly type?: string
  /** The only certificate authority to trust, in PEM. With it the request goes over HTTPS, without it over HTTP. */
  readonly ca?: string
}

/** Sends a request for a host to the ingress controller that listens on a port of this machine. Rejects as `request` does. */
export function requestHost(port: number, { host, path = '/', body, type, ca }: HostRequest): Promise<HttpAnswer> {
  const headers = { host: `${host}:${port}`, ...(type === undefined ? {} : { 'content-type': type }) }
  const trust = ca === undefined ? {} : { ca, servername: host }
  const scheme = ca === undefined ? 'http' : 'https'
  return request(`${scheme}://127.0.0.1:${port}${path}`, { headers, body, ...trust })
}

/** The body at a URL, read over a connection of its own. Rejects when the status is not 2xx, and as `request` does. */
export async function getText(url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const { status, body } = await request(url, { headers })
  if (status < 200 || status >= 300) throw new Error(`status ${status}`)
  return body
}

/** Sends JSON with POST. */
export function postJson(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

/** The JSON at a URL, read as `getText` reads it. */
export async function getJson(url: string): Promise<unknown> {
  return JSON.parse(await getText(url))
}
