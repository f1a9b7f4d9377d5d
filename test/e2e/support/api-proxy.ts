import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { parse } from 'yaml'

/** A proxy in front of an API server. It speaks plain HTTP on loopback and counts the requests. */
export interface ApiProxy {
  readonly url: string
  /** Number of requests since the last reset, by method. An upgrade (exec, port forward) counts under its own method. */
  readonly counts: Readonly<Record<string, number>>
  /** Every request since the last reset whose method is not GET, as `PATCH /api/v1/…`. */
  readonly writes: readonly string[]
  /** Paths and queries of the streams (exec, port forward) that were opened since the last reset. */
  readonly streams: readonly string[]
  /** Forgets the requests so far. */
  reset(): void
  /** The UID to answer for the namespace kube-system; undefined gives the real one. */
  uid: string | undefined
  close(): Promise<void>
}

/** Starts a proxy that authenticates with the client certificate of the kubeconfig's only user. */
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
  const answered = { uid: undefined as string | undefined }
  const server = createServer((incoming, answer) => {
    const { method, url: path, headers } = incoming
    count(method, path)
    const outgoing = request({ ...tls, method, path, headers, agent: false }, async (response) => {
      const isSystem = method === 'GET' && path === '/api/v1/namespaces/kube-system'
      const { 'content-length': _, ...others } = response.headers
      answer.writeHead(response.statusCode ?? 502, isSystem ? others : response.headers)
      if (!isSystem || answered.uid === undefined) return response.pipe(answer)
      const body = JSON.parse(Buffer.concat(await response.toArray()).toString())
      return answer.end(JSON.stringify({ ...body, metadata: { ...body.metadata, uid: answered.uid } }))
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
      return answered.uid
    },
    set uid(uid) {
      answered.uid = uid
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
