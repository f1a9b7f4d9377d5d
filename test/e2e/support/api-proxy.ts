import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { parse } from 'yaml'

/** Stands before an API server, speaks plain HTTP on loopback, and counts what goes through. */
export interface ApiProxy {
  readonly url: string
  /** Requests since the last reset, by method; an upgrade (exec, forward) counts as what it asked with. */
  readonly counts: Readonly<Record<string, number>>
  /** Every request that is no GET, as `PATCH /api/v1/…`. */
  readonly writes: readonly string[]
  /** Paths of the streams that were opened (exec, forward), with their queries. */
  readonly streams: readonly string[]
  reset(): void
  /** What kube-system is said to have as its UID from now on; undefined: its own. */
  uid: string | undefined
  close(): Promise<void>
}

/** Starts a proxy that logs in as the kubeconfig's only user. */
export async function apiProxy(kubeconfig: string): Promise<ApiProxy> {
  const config = parse(await readFile(kubeconfig, 'utf8'))
  const cluster = config.clusters[0].cluster
  const user = config.users[0].user
  const bytes = (text: string) => Buffer.from(text, 'base64')
  const target = new URL(cluster.server)
  const tls = {
    host: target.hostname,
    port: target.port,
    ca: bytes(cluster['certificate-authority-data']),
    cert: bytes(user['client-certificate-data']),
    key: bytes(user['client-key-data']),
  }
  let counts: Record<string, number> = {}
  let writes: string[] = []
  let streams: string[] = []
  const count = (method = '', path = '') => {
    counts[method] = (counts[method] ?? 0) + 1
    if (method !== 'GET') writes.push(`${method} ${path}`)
  }
  const told = { uid: undefined as string | undefined }
  const server = createServer((incoming, answer) => {
    const { method, url: path, headers } = incoming
    count(method, path)
    const outgoing = request({ ...tls, method, path, headers, agent: false }, async (response) => {
      const isSystem = method === 'GET' && path === '/api/v1/namespaces/kube-system'
      const { 'content-length': _, ...others } = response.headers
      answer.writeHead(response.statusCode ?? 502, isSystem ? others : response.headers)
      if (!isSystem || told.uid === undefined) return response.pipe(answer)
      const body = JSON.parse(Buffer.concat(await response.toArray()).toString())
      return answer.end(JSON.stringify({ ...body, metadata: { ...body.metadata, uid: told.uid } }))
    })
    outgoing.on('error', () => answer.destroy())
    answer.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  })
  server.on('upgrade', (incoming, socket, head) => {
    const { method, url: path = '', headers } = incoming
    count(method, path)
    streams.push(path)
    const outgoing = request({ ...tls, method, path, headers, agent: false })
    const fail = () => socket.destroy()
    outgoing.on('error', fail)
    outgoing.on('response', (response) => {
      socket.write(`HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n\r\n`)
      response.pipe(socket)
    })
    outgoing.on('upgrade', (response, upstream, first) => {
      const lines = Object.entries(response.headers).map(([name, value]) => `${name}: ${value}`)
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
      socket.write(first)
      upstream.write(head)
      upstream.on('error', fail)
      socket.on('error', () => upstream.destroy())
      upstream.pipe(socket).pipe(upstream)
    })
    outgoing.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get counts() {
      return counts
    },
    get writes() {
      return writes
    },
    get streams() {
      return streams
    },
    get uid() {
      return told.uid
    },
    set uid(uid) {
      told.uid = uid
    },
    reset() {
      counts = {}
      writes = []
      streams = []
    },
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
