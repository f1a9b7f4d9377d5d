import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { registryAnswers } from '../../../src/host/registry-reach.ts'

const { signal } = new AbortController()

async function ask(status: number, headers: Record<string, string>): Promise<boolean> {
  const server = createServer((_request, response) => response.writeHead(status, headers).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await registryAnswers(signal, `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/`)
  } finally {
    server.close()
  }
}

test.each<[string, number, Record<string, string>, boolean]>([
  ['a registry that asks for a login', 401, { 'docker-distribution-api-version': 'registry/2.0' }, true],
  ['an open registry', 200, { 'docker-distribution-api-version': 'registry/2.0' }, true],
  ['a network that answers everything', 404, {}, false],
  ['a captive portal', 200, { 'content-type': 'text/html' }, false],
])('the answer of %s is recognized', async (_name, status, headers, expected) => {
  expect(await ask(status, headers)).toBe(expected)
})

test('a registry that does not answer is unreachable', async () => {
  expect(await registryAnswers(signal, 'http://127.0.0.1:1/v2/')).toBe(false)
})
