import { type IncomingMessage, request as plain } from 'node:http'
import { request as secure } from 'node:https'

export interface HostAnswer {
  readonly status: number
  readonly location: string | undefined
  readonly body: string
}

export interface HostRequest {
  readonly host: string
  readonly path?: string
  /** Sent by POST. */
  readonly body?: string
  /** Media type of the body. */
  readonly type?: string
  /** Of the only authority that is trusted, for https; without it the request goes over http. */
  readonly ca?: string
}

/** Asks an ingress controller on a port of this machine for a host, over a connection of its own. */
export function askByHost(port: number, { host, path = '/', body, type, ca }: HostRequest): Promise<HostAnswer> {
  return new Promise((resolve, reject) => {
    const read = (answer: IncomingMessage) => {
      let text = ''
      answer.on('data', (part) => {
        text += part
      })
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, location: answer.headers.location, body: text })
      })
      answer.on('error', reject)
    }
    const method = body === undefined ? 'GET' : 'POST'
    const headers = { host: `${host}:${port}`, ...(type === undefined ? {} : { 'content-type': type }) }
    const options = { host: '127.0.0.1', port, path, method, headers, agent: false, timeout: 10_000 }
    const sent = ca === undefined ? plain(options, read) : secure({ ...options, ca, servername: host }, read)
    sent.on('timeout', () => sent.destroy(new Error('no answer in 10 s')))
    sent.on('error', reject)
    sent.end(body)
  })
}
