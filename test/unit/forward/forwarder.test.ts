import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type Forward,
  type ForwardEvent,
  type ForwardOptions,
  startForward,
  whyNoConnection,
} from '../../../src/forward/forwarder.ts'
import type { PodRef } from '../../../src/kube/api.ts'

let stop: AbortController
let forward: Forward
let events: ForwardEvent[]
const pod: PodRef = { namespace: 'todo', name: 'backend-1' }

beforeEach(() => {
  stop = new AbortController()
  events = []
})
afterEach(async () => {
  stop.abort()
  await forward?.done
})

const start = async (extra: Partial<ForwardOptions<PodRef>>) => {
  forward = await startForward({
    name: 'backend',
    localPort: 0,
    remotePort: 8000,
    target: () => pod,
    connect: async () => echo(),
    guard: { hosts: [], checksOrigin: true },
    signal: stop.signal,
    now: () => 42,
    portOwner: async () => ({ pid: 612, program: 'nginx' }),
    onEvent: (event) => events.push(event),
    ...extra,
  })
}

/** Answers with the received text in capitals once the client has closed its direction. */
function echo(): Duplex {
  let all = ''
  const stream: Duplex = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      all += chunk
      done()
    },
    final(done) {
      stream.push(all.toUpperCase())
      stream.push(null)
      done()
    },
  })
  return stream
}

function open(host = '127.0.0.1'): Socket {
  return dial({ port: forward.localPort, host, allowHalfOpen: true })
}

async function ask(text: string, host?: string): Promise<string> {
  const socket = open(host)
  socket.end(text)
  return await read(socket)
}

async function read(socket: Socket): Promise<string> {
  let all = ''
  for await (const chunk of socket) all += chunk
  return all
}

test('the answer may come after the client closed its direction', async () => {
  await start({})
  expect(await ask('hello')).toBe('HELLO')
  expect(forward.state()).toMatchObject({ total: 1, lastByteAt: 42, target: pod, problem: undefined })
  expect(events).toEqual([{ type: 'target', pod }])
})

test('a connection that waits long is still served soon after a pod is ready', async () => {
  let asked = 0
  await start({
    target: () => {
      asked += 1
      return asked > 30 ? pod : undefined
    },
  })
  expect(await ask('hello')).toBe('HELLO')
})

test('a connection waits until a pod is ready, and no data is lost', async () => {
  let ready: PodRef | undefined
  await start({ target: () => ready })
  const answer = ask('early')
  await new Promise((resolve) => setTimeout(resolve, 60))
  ready = pod
  expect(await answer).toBe('EARLY')
})

test('a pod that refuses is tried again, and then the new pod', async () => {
  const newer = { ...pod, name: 'backend-2' }
  const targets = [pod, pod, newer]
  const tried: string[] = []
  await start({
    target: () => targets.shift(),
    connect: async ({ name }) => {
      tried.push(name)
      if (name === 'backend-1') throw new Error('connection refused')
      return echo()
    },
  })
  expect(await ask('hello')).toBe('HELLO')
  expect(tried).toEqual(['backend-1', 'backend-1', 'backend-2'])
})

test('a connection that no pod accepts in time is reset with the reason, and the port stays open', async () => {
  let works = false
  await start({
    holdMs: 60,
    connect: async () => {
      if (works) return echo()
      throw new Error('connection refused')
    },
  })
  await expect(ask('hello')).rejects.toThrow('ECONNRESET')
  expect(events).toEqual([
    { type: 'failed', reason: 'backend: port 8000 did not accept a connection: connection refused' },
  ])
  expect(forward.state().problem).toContain('connection refused')
  works = true
  expect(await ask('again')).toBe('AGAIN')
  expect(forward.state().problem).toBeUndefined()
})

test('a connection that breaks at the pod is reset for the client, never closed cleanly', async () => {
  await start({
    connect: async () => {
      const stream: Duplex = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
      stream.push('half of it')
      setTimeout(() => stream.destroy(new Error('gone')), 20)
      return stream
    },
  })
  await expect(ask('hello')).rejects.toThrow('ECONNRESET')
})

test('a client that disconnects closes the connection to the pod', async () => {
  let upstream: Duplex | undefined
  await start({
    connect: async () => {
      upstream = echo()
      return upstream
    },
  })
  const socket = open()
  socket.on('error', () => {})
  socket.write('hello')
  while (!upstream) await new Promise((resolve) => setTimeout(resolve, 2))
  const closed = new Promise((resolve) => upstream?.once('close', resolve))
  socket.resetAndDestroy()
  await closed
})

test('a pod that does not read pauses the client', async () => {
  let taken = 0
  await start({
    connect: async () =>
      new Duplex({
        read() {},
        write: (chunk) => {
          taken += chunk.length
        },
      }),
  })
  const socket = open()
  socket.on('error', () => {})
  const chunk = Buffer.alloc(1024 * 1024)
  for (let i = 0; i < 64; i++) socket.write(chunk)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(taken).toBeLessThan(1024 * 1024)
  expect(socket.writableLength).toBeGreaterThan(32 * 1024 * 1024)
  socket.destroy()
})

test('an abort closes the port and every connection', async () => {
  await start({ target: () => undefined })
  const waiting = ask('hello')
  while (forward.state().connections === 0) await new Promise((resolve) => setTimeout(resolve, 2))
  stop.abort()
  await waiting.catch(() => {})
  await forward.done
  expect(forward.state().connections).toBe(0)
  await expect(ask('again')).rejects.toThrow('ECONNREFUSED')
})

test('localhost is forwarded by both of its addresses', async () => {
  await start({})
  expect(await ask('four', '127.0.0.1')).toBe('FOUR')
  expect(await ask('six', '::1')).toBe('SIX')
  stop.abort()
  await forward.done
  await expect(ask('again', '::1')).rejects.toThrow('ECONNREFUSED')
})

test.each(['127.0.0.1', '::1'])('a port in use on %s is reported with its owner', async (host) => {
  const other: Server = createServer()
  await new Promise<void>((resolve) => other.listen(0, host, resolve))
  const { port } = other.address() as { port: number }
  await expect(start({ localPort: port })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: `Port ${port} is taken by nginx (pid 612)`,
  })
  await new Promise((resolve) => other.close(resolve))
})

test('the state of a forward is known before the first client', async () => {
  const why = (connect: () => Promise<Duplex>) => whyNoConnection(() => pod, 8000, connect, stop.signal)
  expect(await why(async () => echo())).toBeUndefined()
  expect(await why(() => Promise.reject(new Error('connection refused')))).toBe(
    'did not accept a connection: connection refused',
  )
})
