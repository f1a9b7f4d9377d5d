import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** What happens to connections: they reach the engine, are closed at once, or get no answer. */
export type ProxyMode = 'pass' | 'refuse' | 'hang'

/** A socket in front of the Docker engine, for DOCKER_HOST. */
export interface EngineProxy {
  readonly host: string
  /** Also ends the connections that are open, as a restart of the engine does, unless they are to hang. */
  become(mode: ProxyMode): void
  close(): void
}

/** Listens at this path. */
export async function startEngineProxy(path: string): Promise<EngineProxy> {
  const engine = (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace(/^unix:\/\//, '')
  const open = new Set<Socket>()
  let mode: ProxyMode = 'pass'
  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => {})
    if (mode === 'refuse') return void client.destroy()
    open.add(client)
    client.on('close', () => open.delete(client))
    if (mode === 'hang') return void client.resume()
    const upstream = connect({ path: engine, allowHalfOpen: true })
    upstream.on('error', () => client.destroy())
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
    client.pipe(upstream).pipe(client)
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    host: `unix://${path}`,
    become(next) {
      mode = next
      if (next === 'hang') for (const client of open) client.unpipe().pause()
      else for (const client of open) client.destroy()
    },
    close() {
      for (const client of open) client.destroy()
      server.close()
    },
  }
}
