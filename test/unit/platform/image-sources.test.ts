import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { dockerEngine } from '../../../src/engine/engine.ts'
import { DevkError } from '../../../src/errors.ts'
import { fetchImages, type Supply } from '../../../src/platform/image-sources.ts'

const { signal } = new AbortController()

/** Fetches an image through an engine that has none; returns the login that the engine was given. */
async function loginOf(reference: string, credentials: Supply['credentials']): Promise<unknown> {
  let login: string | undefined
  const server = createServer((request, response) => {
    if (!request.url?.includes('/images/create')) response.writeHead(404).end('{"message":"no such image"}')
    else {
      login = String(request.headers['x-registry-auth'] ?? '')
      response.end('{"status":"Downloaded"}\n')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const engine = dockerEngine({ DOCKER_HOST: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` })
  const supply = { engine, credentials, offersKit: () => false, buildKit: async () => {} }
  await fetchImages(supply, [reference], () => {}, signal)
  return login ? JSON.parse(Buffer.from(login, 'base64url').toString()) : login
}

test.each([
  ['r.example.com/private/base:1', 'r.example.com'],
  ['acme/private', 'docker.io'],
  ['node:22', 'docker.io'],
])('%s is pulled with the login to %s', async (reference, host) => {
  const login = { username: 'me', password: host }
  expect(await loginOf(reference, async (asked) => ({ username: 'me', password: asked }))).toEqual(login)
})

test('without a login, or with a helper that fails, an image is pulled without one', async () => {
  const fails = async () => {
    throw new DevkError('LOAD_FAILED', 'no helper')
  }
  expect(await loginOf('node:22', async () => undefined)).toBe('')
  expect(await loginOf('node:22', fails)).toBe('')
})

test.each([
  ['dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host', true],
  ['toomanyrequests: You have reached your unauthenticated pull rate limit', true],
  ['manifest for node:20-alpin not found: manifest unknown: manifest unknown', false],
  ["pull access denied for nod, repository does not exist or may require 'docker login'", false],
  ['failed to resolve reference "docker.io/library/node:99": docker.io/library/node:99: not found', false],
])('the kit stands in for an image that cannot be pulled because of "%s": %s', async (reason, standsIn) => {
  const server = createServer((_request, response) => {
    response.writeHead(404).end(JSON.stringify({ message: reason }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const engine = dockerEngine({ DOCKER_HOST: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` })
  const built: string[] = []
  const buildKit = async (references: readonly string[]) => void built.push(...references)
  const supply = { engine, credentials: async () => undefined, offersKit: () => true, buildKit }
  const fetched = fetchImages(supply, ['node:20-alpin'], () => {}, signal)
  if (standsIn) await fetched
  else await expect(fetched).rejects.toMatchObject({ code: 'IMAGE_MISSING' })
  expect(built).toEqual(standsIn ? ['node:20-alpin'] : [])
})
