import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { firstAnswer, proveUrls } from '../../../src/up/prove-urls.ts'

const signal = new AbortController().signal
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close()
    await once(server, 'close')
  }
})

async function serve(statuses: number[], asked: string[] = []): Promise<number> {
  const server = createServer((request, response) => {
    const { host, traceparent = '' } = request.headers
    asked.push(`${host?.replace(/:\d+$/, '')}${request.url}${traceparent}`)
    response.writeHead(statuses.length > 1 ? (statuses.shift() as number) : (statuses[0] as number)).end()
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const fixed = (url: string) => [{ name: 'web', url, whileRunning: false }]

test('waits for an answer, and for more than a proxy error', async () => {
  const asked: string[] = []
  const port = await serve([503, 502, 404], asked)
  await proveUrls(fixed(`http://shop.localhost:${port}/cart?all=1`), signal)
  expect(asked).toEqual(Array(3).fill('shop.localhost/cart?all=1'))
})

test('does not check URLs of other machines, and no forwards', async () => {
  await proveUrls(fixed('https://shop.example.com'), signal)
  await proveUrls([{ name: 'db', url: 'localhost:5432', whileRunning: true }], signal)
})

test('an interruption ends the wait', async () => {
  const port = await serve([503])
  const stop = new AbortController()
  const proving = proveUrls(fixed(`http://127.0.0.1:${port}`), stop.signal)
  setTimeout(() => stop.abort(new Error('interrupted')), 50)
  await expect(proving).rejects.toMatchObject({ name: 'AbortError' })
})

test('the first good answer is asked for with the headers of the caller; other machines and forwards are not', async () => {
  const asked: string[] = []
  const port = await serve([502, 200], asked)
  const [web = { name: '', url: '', whileRunning: false }] = fixed(`http://127.0.0.1:${port}/`)
  await firstAnswer(web, { traceparent: '00-ab-cd-01' }, signal)
  expect(asked).toEqual(Array(2).fill('127.0.0.1/00-ab-cd-01'))
  expect(firstAnswer({ ...web, url: 'https://shop.example.com' }, {}, signal)).toBeUndefined()
  expect(firstAnswer({ ...web, whileRunning: true }, {}, signal)).toBeUndefined()
})
