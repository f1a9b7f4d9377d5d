import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, connect as dial } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Forward, startForward } from '../../../src/forward/forwarder.ts'

let stop: AbortController
let pod: Server
let forward: Forward
let seen: string[]

async function forwardTo(port: number): Promise<void> {
  forward = await startForward({
    name: 'prometheus',
    localPort: 0,
    remotePort: 9090,
    target: () => ({ namespace: 'monitoring', name: 'prometheus-0' }),
    connect: async () => {
      const upstream = dial({ port, host: '127.0.0.1', allowHalfOpen: true })
      await once(upstream, 'connect')
      return upstream
    },
    guard: { hosts: [], checksOrigin: true },
    signal: stop.signal,
    now: () => 0,
    portOwner: async () => undefined,
  })
}

beforeEach(async () => {
  stop = new AbortController()
  seen = []
  pod = createServer((incoming, answer) => {
    let body = ''
    incoming.on('data', (chunk) => {
      body += chunk
    })
    incoming.on('end', () => {
      seen.push(`${incoming.method} ${incoming.url} ${body.length}`)
      answer.end('ok')
    })
  })
  pod.listen(0, '127.0.0.1')
  await once(pod, 'listening')
  await forwardTo((pod.address() as AddressInfo).port)
})

afterEach(async () => {
  stop.abort()
  await forward.done
  pod.close()
})

async function send(headers: IncomingHttpHeaders, body = ''): Promise<{ status: number | undefined; text: string }> {
  const sent = request({
    port: forward.localPort,
    host: '127.0.0.1',
    method: 'POST',
    path: '/-/quit',
    headers,
    agent: false,
  })
  sent.end(body)
  const [answer] = await once(sent, 'response')
  let text = ''
  for await (const chunk of answer) text += chunk
  return { status: answer.statusCode, text }
}

test('a request for another host, or from a page of another origin, is answered and does not reach the pod', async () => {
  expect(await send({ host: 'evil.example' })).toMatchObject({
    status: 403,
    text: expect.stringContaining('evil.example'),
  })
  expect(await send({ host: 'localhost', origin: 'https://evil.example' }, 'x'.repeat(100_000))).toMatchObject({
    status: 403,
  })
  expect(seen).toEqual([])
  expect(forward.state().problem).toBeUndefined()
})

test('own requests pass whole, whatever their size', async () => {
  expect(await send({ host: 'localhost:9090' }, 'x'.repeat(1_000_000))).toEqual({ status: 200, text: 'ok' })
  expect(seen).toEqual(['POST /-/quit 1000000'])
})

test('a server that speaks first is heard before the client says a word', async () => {
  const greeter = createTcpServer((socket) => socket.end('220 ready\r\n')).listen(0, '127.0.0.1')
  await once(greeter, 'listening')
  stop.abort()
  stop = new AbortController()
  await forwardTo((greeter.address() as AddressInfo).port)
  const client = dial(forward.localPort, '127.0.0.1')
  expect(String((await once(client, 'data'))[0])).toBe('220 ready\r\n')
  client.destroy()
  greeter.close()
})
