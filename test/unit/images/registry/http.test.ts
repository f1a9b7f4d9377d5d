import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { askRegistry, type RegistryAddress } from '../../../../src/images/registry/http.ts'

const signal = new AbortController().signal
let server: Server | undefined

afterEach(() => server?.close())

/** Starts a server that answers each request with this status and body; gives its address. */
async function answering(status: number, body = ''): Promise<RegistryAddress> {
  server = createServer((_request, response) => response.writeHead(status, { 'Docker-Content-Digest': 'd' }).end(body))
  return listening(server)
}

async function listening(listener: Server): Promise<RegistryAddress> {
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  return { port: (listener.address() as AddressInfo).port, login: undefined }
}

test('an answer has its headers', async () => {
  const answer = await askRegistry(await answering(200, '{"tags":["a"]}'), 'todo/tags/list', signal)
  expect(answer?.body).toEqual({ tags: ['a'] })
  expect(answer?.headers['docker-content-digest']).toBe('d')
})

test('a missing resource is undefined, and an accepted request has no body', async () => {
  expect(await askRegistry(await answering(404, 'no JSON'), 'todo/tags/list', signal)).toBeUndefined()
  server?.close()
  expect((await askRegistry(await answering(202), 'x', signal, { method: 'DELETE' }))?.body).toBeUndefined()
})

test('an error of the registry names the request', async () => {
  const address = await answering(503)
  await expect(askRegistry(address, '_catalog?n=1000', signal)).rejects.toMatchObject({
    code: 'LOAD_FAILED',
    message: 'The loopback registry answered 503 to /v2/_catalog?n=1000',
  })
})

test('a port without a listener and one with another protocol are reported', async () => {
  const address = await answering(200, 'not JSON')
  const failure = { code: 'LOAD_FAILED', message: `The loopback registry does not answer on 127.0.0.1:${address.port}` }
  await expect(askRegistry(address, '', signal)).rejects.toMatchObject(failure)
  server?.close()
  const refused = { ...failure, details: [expect.stringContaining('ECONNREFUSED')] }
  await expect(askRegistry(address, '', signal)).rejects.toMatchObject(refused)
})

test('a request is sent again when its connection is reset', async () => {
  let connections = 0
  server = createServer((_request, response) => response.end('{}'))
  server.on('connection', (socket) => {
    connections += 1
    if (connections < 3) socket.resetAndDestroy()
  })
  expect((await askRegistry(await listening(server), '', signal))?.body).toEqual({})
  expect(connections).toBe(3)
})

test('an abort ends the wait for an answer', async () => {
  server = createServer(() => {})
  const address = await listening(server)
  const cancel = new AbortController()
  const asked = askRegistry(address, '', cancel.signal)
  cancel.abort(new Error('cancelled'))
  await expect(asked).rejects.toThrow('cancelled')
})

test('a request carries the login', async () => {
  server = createServer((request, response) => response.end(JSON.stringify(request.headers)))
  const address = { ...(await listening(server)), login: { username: 'devk', password: 'of the user' } }
  const answer = await askRegistry(address, '', signal)
  expect(answer?.body).toMatchObject({ authorization: `Basic ${btoa('devk:of the user')}` })
})
