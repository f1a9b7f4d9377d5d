import http from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { httpClient } from '../../../../src/kube/client/http.ts'

const { signal } = new AbortController()

test('a server that accepts no connection is an error after a shorter timeout', async () => {
  const agent = new http.Agent()
  // Like the address of a stopped node: nothing answers and nothing refuses.
  agent.createConnection = () => Object.assign(new Socket(), { connecting: true })
  const endpoint = { server: new URL('http://127.0.0.1:1'), headers: async () => ({}), requests: agent, streams: agent }
  const asked = httpClient(endpoint, 30_000, 50).request({ method: 'GET', path: '/api/v1', signal })
  await expect(asked).rejects.toThrow(/did not respond to GET \/api\/v1 \(no connection in 0.05 s\)/)
})
