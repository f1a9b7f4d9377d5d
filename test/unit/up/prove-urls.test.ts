import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { proveUrls } from '../../../src/up/prove-urls.ts'

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
    asked.push(`${request.headers.host?.replace(/:\d+$/, '')}${request.url}`)
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
