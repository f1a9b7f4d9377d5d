import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Call } from './call.ts'
import type { Endpoint } from './endpoint.ts'
import { apiFailure, unreachable } from './errors.ts'

/** HTTP to one API server, with a deadline on each request. Statuses are given back; only a server that is not there throws. */
export interface Http {
  request(call: Call): Promise<Answer>
  /** A body that is read as it comes; the deadline covers its headers. Throws KUBE_API when the status is not 200. */
  open(call: Call): Promise<IncomingMessage>
  /** Switches protocols and gives the raw connection. Throws KUBE_API when the server does not. */
  upgrade(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Duplex>
}

const attempts = 4

/**
 * Speaks to `endpoint`. A request without an answer after `timeoutMs` fails, and one without a connection after five seconds: a node
 * that is stopped, or beyond a VPN that is down, refuses nothing.
 */
export function httpClient(endpoint: Endpoint, timeoutMs = 30_000, connectMs = 5000): Http {
  const { server } = endpoint
  const base = server.pathname.replace(/\/$/, '')

  const start = async (call: Call, agent: http.Agent, extra: Record<string, string>) => {
    call.signal.throwIfAborted()
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body))
    const request = (server.protocol === 'http:' ? http : https).request({
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port || (server.protocol === 'http:' ? 80 : 443),
      path: base + call.path,
      method: call.method,
      agent,
      headers: {
        Accept: 'application/json, */*',
        'User-Agent': 'devk',
        ...(await endpoint.headers()),
        ...(body
          ? { 'Content-Type': call.contentType ?? 'application/json', 'Content-Length': String(body.length) }
          : {}),
        ...extra,
      },
    })
    request.setNoDelay(true)
    request.once('socket', (socket) => {
      if (!socket.connecting) return
      const late = setTimeout(() => request.destroy(new Error(`no connection in ${connectMs / 1000} s`)), connectMs)
      for (const end of ['connect', 'close']) socket.once(end, () => clearTimeout(late))
    })
    request.end(body)
    return request
  }

  /** Runs `read` on the answer; what is still open at the deadline or the signal is torn down. */
  const exchange = async <T>(
    call: Call,
    agent: http.Agent,
    extra: Record<string, string>,
    read: (response: IncomingMessage, socket: Duplex | undefined) => Promise<T>,
  ): Promise<T> => {
    const request = await start(call, agent, extra)
    const late = setTimeout(() => request.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)), timeoutMs)
    const onAbort = () => request.destroy(new Error('aborted'))
    call.signal.addEventListener('abort', onAbort, { once: true })
    try {
      const [response, socket] = await new Promise<[IncomingMessage, Duplex?]>((resolve, reject) => {
        request.on('response', (message) => resolve([message]))
        request.on('upgrade', (message, connection, head) => {
          if (head.length > 0) connection.unshift(head)
          resolve([message, connection])
        })
        request.on('error', reject)
      })
      return await read(response, socket)
    } catch (error) {
      call.signal.throwIfAborted()
      throw error
    } finally {
      clearTimeout(late)
      call.signal.removeEventListener('abort', onAbort)
    }
  }

  const once = (call: Call) =>
    exchange(call, endpoint.requests, {}, async (response) => {
      const text = await readAll(response)
      const wait = Number(response.headers['retry-after'] ?? 1) * 1000
      return { status: response.statusCode ?? 0, body: parseBody(text), wait }
    })

  return {
    async request(call) {
      for (let attempt = 1; ; attempt++) {
        try {
          const { status, body, wait } = await once(call)
          if (status !== 429 || attempt >= attempts) return { status, body }
          await sleep(Math.min(wait, 5000), undefined, { signal: call.signal })
        } catch (error) {
          call.signal.throwIfAborted()
          // A kept connection may have been closed by the server just as it was used; each call here is safe to repeat.
          if (attempt >= 2 || !isReset(error)) throw unreachable(server, call, error)
        }
      }
    },
    async open(call) {
      const response = await exchange(call, endpoint.streams, {}, async (message) => {
        if (message.statusCode !== 200) {
          throw apiFailure(call, message.statusCode ?? 0, parseBody(await readAll(message)))
        }
        return message
      }).catch((error) => Promise.reject(unreachable(server, call, error)))
      const onAbort = () => response.destroy()
      call.signal.addEventListener('abort', onAbort, { once: true })
      response.once('close', () => call.signal.removeEventListener('abort', onAbort))
      if (call.signal.aborted) onAbort()
      return response
    },
    async upgrade(path, headers, signal) {
      const call: Call = { method: 'POST', path, signal }
      return await exchange(call, endpoint.streams, headers, async (response, socket) => {
        if (socket) return socket
        throw apiFailure(call, response.statusCode ?? 0, parseBody(await readAll(response)))
      }).catch((error) => Promise.reject(unreachable(server, call, error)))
    },
  }
}

function isReset(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ECONNRESET' || code === 'EPIPE'
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** JSON where it is JSON; proxies and the kubelet answer in plain text. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
