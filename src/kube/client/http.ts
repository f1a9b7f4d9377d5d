import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiServer } from './api-server.ts'
import type { Answer, Call } from './call.ts'
import { apiFailure, unreachable } from './errors.ts'

/** HTTP requests to one API server. Each request has a deadline. Throws KUBE_API when the server does not respond. */
export interface Http {
  /** Sends a request and returns the answer, whatever its status. */
  request(call: Call): Promise<Answer>
  /** Returns the body as a stream. The deadline covers the headers only. Throws KUBE_API when the status is not 200. */
  open(call: Call): Promise<IncomingMessage>
  /** Upgrades the connection and returns it. Throws KUBE_API when the server refuses. */
  upgrade(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Duplex>
}

const attempts = 4

/**
 * HTTP for one API server. A request fails when it has no answer after `timeoutMs`, or no connection after `connectMs`:
 * a stopped node, or one behind a VPN that is down, drops packets without refusing the connection.
 */
export function httpClient(api: ApiServer, timeoutMs = 30_000, connectMs = 5000): Http {
  const { server } = api
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
        ...(await api.headers()),
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

  /** Runs `read` on the answer. Destroys the request at the deadline, or when the signal aborts. */
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
    exchange(call, api.requests, {}, async (response) => {
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
          // The server may close a kept connection while it is being used. Each call here is safe to repeat.
          if (attempt >= 2 || !isReset(error)) throw unreachable(server, call, error)
        }
      }
    },
    async open(call) {
      const response = await exchange(call, api.streams, {}, async (message) => {
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
      return await exchange(call, api.streams, headers, async (response, socket) => {
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

/** Proxies and the kubelet respond in plain text, the API server in JSON. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
