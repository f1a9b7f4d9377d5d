import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { cookieOf, judgePage, type PageKeys } from './guard.ts'
import type { Upgrade } from './terminal.ts'

/** Answers a request to one path of the API. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** What a page server serves. */
export interface PageServerOptions {
  /** Folder of the built page. */
  readonly folder: string
  /** By path: `/api/v1/state`. */
  readonly api: Readonly<Record<string, Answer>>
  /** What changes something, by path; undefined: the page only reads. */
  readonly changes?: Readonly<Record<string, Answer>> | undefined
  /** What takes a WebSocket, by path; each needs what a change needs. */
  readonly sockets?: Readonly<Record<string, Upgrade>> | undefined
}

/** Where the page reads the key that it has to send with each change; null: it only reads. */
export const keyPath = '/api/v1/key'

/** A server of the page, which does not listen yet. */
export interface PageServer {
  readonly server: Server
  /** The URL of the page with its token, and what a program needs. Call it when the server listens. */
  address(): { readonly url: string; readonly api: string; readonly token: string }
}

const types: Readonly<Record<string, string>> = {
  '/index.html': 'text/html; charset=utf-8',
  '/main.js': 'text/javascript; charset=utf-8',
  '/main.css': 'text/css; charset=utf-8',
  '/shared.js': 'text/javascript; charset=utf-8',
  '/terminal.js': 'text/javascript; charset=utf-8',
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

const headers: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': policy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

/** Leads from the URL with the token to the page. */
const entrance =
  '<!doctype html><meta http-equiv="refresh" content="0; url=./">' +
  '<link rel="icon" href="data:,"><title>devk</title>'

/** Makes the server of the page. Its secrets are new each time. */
export async function pageServer({ folder, api, changes, sockets = {} }: PageServerOptions): Promise<PageServer> {
  const secret = () => randomBytes(24).toString('base64url')
  const secrets = { folder: randomBytes(8).toString('hex'), token: secret(), session: secret() }
  const action = changes === undefined ? undefined : secret()
  const reads: PageServerOptions['api'] = {
    ...api,
    [keyPath]: (_request, response) => sendJson(response, { key: action ?? null }),
  }
  const files = new Map(
    await Promise.all(Object.keys(types).map(async (path) => [path, await readFile(join(folder, path))] as const)),
  )
  const server = http.createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else send(response, 500, String(error))
    })
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const { method = '', url: target = '/', headers } = request
    const judgement = judgePage({ method, target, headers, isSocket: true }, keys())
    if (judgement.kind === 'refuse') return refuseSocket(socket, judgement.status)
    const upgrade =
      judgement.kind === 'serve' && Object.hasOwn(sockets, judgement.path) ? sockets[judgement.path] : undefined
    if (upgrade === undefined) return refuseSocket(socket, 404)
    upgrade(request, socket, head)
  })
  const keys = (): PageKeys => ({ ...secrets, action, port: (server.address() as AddressInfo).port })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '/', headers } = request
    const judgement = judgePage({ method, target, headers }, keys())
    if (judgement.kind === 'refuse') return send(response, judgement.status, `Refused: ${judgement.why}.`)
    if (judgement.kind === 'enter') return enter(response)
    const routes = method === 'POST' ? (changes ?? {}) : reads
    const route = Object.hasOwn(routes, judgement.path) ? routes[judgement.path] : undefined
    if (route !== undefined) return route(request, response)
    if (method !== 'GET') return send(response, 404, 'There is nothing here.')
    const path = judgement.path === '/' ? '/index.html' : judgement.path
    const file = files.get(path)
    if (file === undefined) return send(response, 404, 'There is nothing here.')
    response.writeHead(200, { 'Content-Type': types[path] }).end(file)
  }

  /**
   * A redirect would count as the navigation that led here: a strict cookie is not sent after a link in another page.
   * This page goes on by itself, and leaves no token in the address bar.
   */
  function enter(response: ServerResponse): void {
    response.setHeader('Set-Cookie', cookieOf(secrets))
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' })
    response.end(entrance)
  }

  return {
    server,
    address() {
      const root = `http://127.0.0.1:${keys().port}`
      const { token } = secrets
      return { url: `${root}/${secrets.folder}/?token=${token}`, api: `${root}/api/v1`, token }
    },
  }
}

/** Sends a value as JSON. */
export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
}

/** The most bytes of a request that changes something. */
const longestRequest = 16 * 1024

/** Reads the JSON of a request; undefined if it is none, or too long. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > longestRequest) return undefined
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
}

function refuseSocket(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}
