import { createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { join } from '../forward/join.ts'
import { connectionOptions } from '../forward/listen.ts'
import type { NamedService } from './names.ts'

/** How connections to Services are made. */
export interface ServeNamesOptions {
  /** Connects to a port of a Service. */
  readonly connect: (service: NamedService, port: number, signal: AbortSignal) => Promise<Duplex>
  /** Ports of this machine that stay free. */
  readonly reserved: ReadonlySet<number>
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not open ports below 1024',
  EADDRINUSE: 'another program has the port',
}

/**
 * Listens on the loopback address of each Service until the signal, and leads each connection into the cluster.
 * Requests of web pages are refused, as by forwards: only the names of the Services count as hosts. Returns the ports
 * that cannot be opened, each with the reason: `web:80 (this user may not open ports below 1024)`.
 */
export async function serveNames(
  services: readonly NamedService[],
  { connect, reserved }: ServeNamesOptions,
  signal: AbortSignal,
): Promise<string[]> {
  const hosts = services.flatMap(({ names }) => names)
  const serve = async (socket: Socket, service: NamedService, port: number) => {
    const gone = new AbortController()
    socket.once('close', () => gone.abort())
    const upstream = await connect(service, port, AbortSignal.any([signal, gone.signal]))
    await join(socket, upstream, { guard: { hosts, checksOrigin: true }, onBytes: () => {} })
  }
  const open = (service: NamedService, port: number) =>
    new Promise<string[]>((resolve) => {
      const failed = (reason: string) => resolve([`${service.names[0]}:${port} (${reason})`])
      if (reserved.has(port)) return failed('the program has this port; choose another one with --port')
      const sockets = new Set<Socket>()
      const server = createServer(connectionOptions, (socket) => {
        sockets.add(socket)
        socket.on('close', () => sockets.delete(socket)).on('error', () => {})
        serve(socket, service, port).catch(() => socket.resetAndDestroy())
      })
      const stop = () => {
        server.close()
        for (const socket of sockets) socket.destroy()
      }
      server.once('error', ({ code = '' }: NodeJS.ErrnoException) => failed(reasons[code] ?? code))
      server.listen({ host: service.address, port }, () => {
        server.on('error', () => {})
        signal.addEventListener('abort', stop, { once: true })
        if (signal.aborted) stop()
        resolve([])
      })
    })
  const all = services.flatMap((service) => service.ports.map((port) => open(service, port)))
  return (await Promise.all(all)).flat()
}
