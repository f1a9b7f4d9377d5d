import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { NamedService } from '../../../src/swap/names.ts'
import { serveNames } from '../../../src/swap/serve-names.ts'

/** A server that plays a Service. It answers what it got. */
async function upstream(): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const named = (name: string, address: string, ports: number[]): NamedService => ({
  ...{ namespace: 'shop', name, address, ports, clusterIP: '10.96.0.7', names: [name, `${name}.shop`] },
})

/** What an address answers to these bytes. */
function ask(host: string, port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    socket.on('close', () => resolve(answer))
    socket.end(text)
  })
}

async function serving(services: readonly NamedService[], reserved: readonly number[] = []) {
  const to = await upstream()
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const asked: string[] = []
  const unopened = await serveNames(
    services,
    {
      reserved: new Set(reserved),
      async connect(service, port) {
        asked.push(`${service.name}:${port}`)
        return connect({ host: '127.0.0.1', port: to, allowHalfOpen: true })
      },
    },
    stop.signal,
  )
  return { unopened, asked, stop }
}

test.runIf(process.platform === 'linux')('each Service is reached at its own address, until the end', async () => {
  const { unopened, asked, stop } = await serving([
    named('db', '127.91.3.1', [15_432]),
    named('web', '127.91.3.2', [15_432]),
  ])
  expect(unopened).toEqual([])
  expect(await ask('127.91.3.2', 15_432, 'hello')).toBe('hello')
  expect(await ask('127.91.3.1', 15_432, 'database')).toBe('database')
  expect(asked).toEqual(['web:15432', 'db:15432'])
  expect(await ask('127.91.3.3', 15_432, 'hello')).toBe('ECONNREFUSED')
  stop.abort()
  await expect.poll(() => ask('127.91.3.1', 15_432, 'x')).toBe('ECONNREFUSED')
})

test.runIf(process.platform === 'linux')(
  'requests name a Service as their host; those of web pages do not',
  async () => {
    await serving([named('web', '127.91.4.1', [15_433])])
    const get = (head: string) => ask('127.91.4.1', 15_433, `GET / HTTP/1.1\r\n${head}\r\n\r\n`)
    expect(await get('Host: web:15433')).toContain('GET /')
    expect(await get('Host: evil.example')).toMatch(/^HTTP\/1.1 (403|421)/)
    expect(await get('Host: web\r\nOrigin: http://evil.example')).toMatch(/^HTTP\/1.1 403/)
  },
)

test.runIf(process.platform === 'linux')('a port that cannot be opened is named with the reason', async () => {
  const taken = createServer()
  await new Promise<void>((done) => taken.listen(0, '0.0.0.0', done))
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as AddressInfo
  const { unopened } = await serving([named('web', '127.91.5.1', [port, 15_434])], [15_434])
  expect(unopened).toEqual([
    `web:${port} (another program has the port)`,
    'web:15434 (the program has this port; choose another one with --port)',
  ])
})
