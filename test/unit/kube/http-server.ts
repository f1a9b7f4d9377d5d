import http, { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Kube } from '../../../src/kube/api.ts'
import { kubeOver } from '../../../src/kube/client/client.ts'
import { type Http, httpClient } from '../../../src/kube/client/http.ts'

export interface ApiServer {
  readonly kube: Kube
  readonly http: Http
  /** The requests in their order, as `GET /api/v1`. */
  readonly calls: string[]
  close(): Promise<void>
}

export type Routes = Record<string, (request: IncomingMessage, response: ServerResponse, body: string) => void>

/** Answers with JSON. */
export const json =
  (status: number, body: unknown): Routes[string] =>
  (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  }

export const status = (code: number, extra: object): Routes[string] =>
  json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, ...extra })

const core = {
  resources: [
    { name: 'pods', kind: 'Pod', namespaced: true },
    { name: 'pods/log', kind: 'Pod', namespaced: true },
    { name: 'nodes', kind: 'Node', namespaced: false },
  ],
}

/** An API server on loopback that serves pods, nodes and these routes (`GET /path`, without query); everything else is 404. */
export async function apiServer(routes: Routes, timeoutMs = 2000): Promise<ApiServer> {
  const calls: string[] = []
  const all: Routes = { 'GET /api/v1': json(200, core), ...routes }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const path = (request.url ?? '').split('?')[0]
    calls.push(`${request.method} ${request.url}`)
    const route = all[`${request.method} ${path}`] ?? status(404, { reason: 'NotFound', message: 'not found' })
    route(request, response, body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const requests = new http.Agent({ keepAlive: true, maxSockets: 6 })
  const streams = new http.Agent({ keepAlive: true })
  const client = httpClient(
    { server: new URL(`http://127.0.0.1:${port}`), headers: async () => ({}), requests, streams },
    timeoutMs,
  )
  return {
    kube: kubeOver(client),
    http: client,
    calls,
    async close() {
      requests.destroy()
      streams.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
