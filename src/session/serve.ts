import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { historyReader, latestReader, type Places, placesOf, streamEvents } from '../ui/sse.ts'
import type { Session } from './session.ts'
import { ownFolderOf } from './socket.ts'
import type { KeptLines, LocalLine, LocalLines, SessionEntries, SessionEntry } from './state.ts'

/**
 * Serves a session on a Unix socket until the signal. Only this user can enter its folder, so that it needs no token.
 * The caller holds the lock of the project: a socket that is there belongs to a devk that was killed. The promise
 * resolves when the socket is gone.
 */
export async function serveSession(of: Session, socket: string, signal: AbortSignal): Promise<void> {
  await ownFolderOf(socket)
  await rm(socket, { force: true })
  if (signal.aborted) return
  const routes = sessionRoutes(of, signal)
  const server = http.createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    const route = request.method === (changing.has(path) ? 'POST' : 'GET') ? routes.get(path) : undefined
    if (route === undefined) response.writeHead(404, plain).end('There is nothing here.\n')
    else Promise.resolve(route(request, response)).catch(() => response.destroy())
  })
  // A session must not keep a devk running that has nothing else to do.
  server.unref()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, () => {
      server.off('error', reject)
      // For example when file descriptors run out. The server goes on when some are free again.
      server.on('error', () => {})
      resolve()
    })
  })
  await new Promise<void>((resolve) => {
    const end = () => {
      server.close(() => resolve())
      server.closeAllConnections()
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
  await rm(socket, { force: true })
}

function answer(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
}

const plain = { 'Content-Type': 'text/plain; charset=utf-8' }
/** Paths that change something. */
const changing: ReadonlySet<string> = new Set([
  '/v1/rebuild',
  '/v1/trigger',
  '/v1/pause',
  '/v1/resume',
  '/v1/stop',
  '/v1/page',
])
const triggered = { sent: 202, nothing: 204, unknown: 404 } as const
const parameterOf = ({ url }: IncomingMessage, name: string) =>
  new URL(url ?? '', 'http://devk').searchParams.get(name) ?? ''
const serviceOf = (request: IncomingMessage) => parameterOf(request, 'service')
type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

function keptLines({ lines }: Session, places: Places): KeptLines {
  const { items, missed } = lines.after(0, Number.POSITIVE_INFINITY)
  return { lines: items.map(({ item }) => item), missed, place: places.idOf(lines.last()) }
}

/** The API by path. docs/api/session.v1.yaml describes it. */
export function sessionRoutes(of: Session, signal: AbortSignal): ReadonlyMap<string, Route> {
  const places = placesOf(randomBytes(4).toString('hex'))
  return new Map<string, Route>([
    [
      '/v1/state',
      (_request, response) => {
        answer(response, of.state())
      },
    ],
    [
      '/v1/rebuild',
      (request, response) => {
        response.writeHead(of.control()?.rebuild(serviceOf(request)) ? 202 : 404, plain).end()
      },
    ],
    [
      '/v1/trigger',
      (request, response) => {
        response.writeHead(triggered[of.control()?.trigger(serviceOf(request)) ?? 'unknown'], plain).end()
      },
    ],
    ...(['pause', 'resume'] as const).map((name): [string, Route] => [
      `/v1/${name}`,
      (_request, response) => {
        const control = of.control()
        control?.[name]()
        response.writeHead(control === undefined ? 404 : 204, plain).end()
      },
    ]),
    [
      '/v1/stop',
      (request, response) => {
        const leave = of.leave()
        const by = parameterOf(request, 'by') === 'down' ? 'down' : 'stop'
        // The answer comes first: who ends closes all connections.
        if (leave !== undefined) response.on('close', () => leave(by))
        response.writeHead(leave === undefined ? 404 : 202, plain).end()
      },
    ],
    [
      '/v1/page',
      async (_request, response) => {
        const page = of.page()
        if (page === undefined) response.writeHead(404, plain).end()
        else answer(response, await page())
      },
    ],
    [
      '/v1/logs',
      (request, response) => {
        if (parameterOf(request, 'follow') !== 'true') return answer(response, keptLines(of, places))
        const data = (lines: readonly LocalLine[], missed: number): LocalLines => ({ lines, missed })
        const lastEventId = request.headers['last-event-id']?.toString()
        const lines = historyReader(of.lines, { name: 'lines', places, lastEventId, most: 500, data })
        return streamEvents(response, { readers: [lines], rings: of.lineRings, signal })
      },
    ],
    [
      '/v1/events',
      ({ headers }, response) => {
        const entries = historyReader(of.entries, {
          name: 'entries',
          places,
          lastEventId: headers['last-event-id']?.toString(),
          most: 200,
          data: (items: readonly SessionEntry[], missed): SessionEntries => ({ entries: items, missed }),
        })
        return streamEvents(response, { readers: [latestReader('state', of.state), entries], rings: of.rings, signal })
      },
    ],
  ])
}
