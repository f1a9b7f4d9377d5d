import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { connectLoopback } from '../../../src/forward/loopback.ts'
import { type ReverseOptions, reverse } from '../../../src/forward/reverse.ts'
import { messageOf } from '../../../src/lib/text.ts'
import { scriptedNode } from '../../support/scripted-node.ts'

/** A program of this machine that answers once the pod has ended its side. */
async function program(host = '127.0.0.1'): Promise<{ readonly port: number; readonly sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    let all = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      all += chunk
    })
    socket.on('end', () => socket.end(`answer to ${all}`))
  })
  await new Promise<void>((done) => server.listen(0, host, done))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, sockets }
}

/** A port that pods of a scripted node can reach. */
async function reached(port: number, connect: ReverseOptions['connect'] = connectLoopback) {
  const node = scriptedNode()
  const stop = new AbortController()
  const said: string[] = []
  const options = {
    agents: node.agents,
    nodeContainer: 'node',
    port,
    connect,
    onListening: () => said.push('listening'),
    onFailed: (error: unknown) => said.push(messageOf(error)),
  }
  const done = reverse(options, stop.signal)
  onTestFinished(() => {
    stop.abort()
    node.agents.close()
  })
  await expect.poll(() => node.opened(`listen ${port}`).length).toBe(1)
  const [listening = 0] = node.opened(`listen ${port}`)
  const accepting = () => node.opened(`accept ${port}`)
  return { node, stop, said, done, listening, accepting }
}

test('streams wait for connections once the node listens, and each that gets one is replaced', async () => {
  const { port } = await program()
  const { node, said, listening, accepting } = await reached(port)
  expect([said, accepting()]).toEqual([[], []])
  node.send('C', listening)
  await expect.poll(() => accepting().length).toBe(4)
  expect(said).toEqual(['listening'])
  node.send('C', accepting()[0] ?? 0)
  await expect.poll(() => accepting().length).toBe(5)
})

test.each(['127.0.0.1', '::1'])(
  'bytes go both ways to a program on %s, and each side ends on its own',
  async (host) => {
    const { port } = await program(host)
    const { node, listening, accepting } = await reached(port)
    node.send('C', listening)
    await expect.poll(() => accepting().length).toBe(4)
    const [pod = 0] = accepting()
    node.send('C', pod)
    node.send('D', pod, 'question')
    node.send('F', pod)
    await expect.poll(() => node.data(pod)).toBe('answer to question')
    await expect.poll(() => node.frames.filter(({ stream, type }) => stream === pod && type === 'F').length).toBe(1)
  },
)

test('a pod that resets its connection resets it for the program, and the other way round', async () => {
  const { port, sockets } = await program()
  const { node, listening, accepting } = await reached(port)
  node.send('C', listening)
  await expect.poll(() => accepting().length).toBe(4)
  const [one = 0, two = 0] = accepting()
  node.send('C', one)
  node.send('D', one, 'x')
  await expect.poll(() => sockets.length).toBe(1)
  const broken = new Promise((resolve) => sockets[0]?.once('error', ({ message }) => resolve(message)))
  node.send('R', one)
  expect(await broken).toContain('ECONNRESET')
  node.send('C', two)
  node.send('D', two, 'x')
  await expect.poll(() => sockets.length).toBe(2)
  sockets[1]?.resetAndDestroy()
  await expect.poll(() => node.frames.some(({ stream, type }) => stream === two && type === 'R')).toBe(true)
})

test('a port that the node cannot listen on is said with the reason, and tried again', async () => {
  const { node, said, listening } = await reached(1)
  node.send('E', listening, '\0\0\0\u0062address already in use')
  await expect.poll(() => node.opened('listen 1').length, { timeout: 10_000 }).toBe(2)
  expect(said).toEqual(['address already in use'])
  node.send('C', node.opened('listen 1')[1] ?? 0)
  await expect.poll(() => said).toEqual(['address already in use', 'listening'])
})

test('an agent that ends is started again, and the port with it', async () => {
  const { node, said, listening } = await reached(1)
  node.send('C', listening)
  await expect.poll(() => said).toEqual(['listening'])
  node.exit()
  await expect.poll(() => node.opened('listen 1').length, { timeout: 10_000 }).toBe(2)
})

test('the signal ends the port, its connections and what waits', async () => {
  const { port, sockets } = await program()
  const { node, stop, done, listening, accepting } = await reached(port)
  node.send('C', listening)
  await expect.poll(() => accepting().length).toBe(4)
  const [pod = 0] = accepting()
  node.send('C', pod)
  await expect.poll(() => sockets.length).toBe(1)
  stop.abort()
  await done
  const open = [listening, ...accepting()]
  const isReset = (number: number) => node.frames.some(({ stream, type }) => stream === number && type === 'R')
  await expect.poll(() => open.filter((number) => !isReset(number))).toEqual([])
  await expect.poll(() => sockets[0]?.destroyed).toBe(true)
})

test('where nothing listens here, the pod gets a reset', async () => {
  const nothing = (port: number, signal: AbortSignal) => connectLoopback(port, signal, 0)
  await expect(nothing(1, new AbortController().signal)).rejects.toThrow('Nothing listens on localhost:1')
  const { node, listening, accepting } = await reached(1, nothing)
  node.send('C', listening)
  await expect.poll(() => accepting().length).toBe(4)
  const [pod = 0] = accepting()
  node.send('C', pod)
  await expect.poll(() => node.frames.some(({ stream, type }) => stream === pod && type === 'R')).toBe(true)
})

test('a connection waits for a program that is starting, and no longer than its pod', async () => {
  const { port, sockets } = await program()
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const later = (server.address() as AddressInfo).port
  await new Promise((done) => server.close(done))
  const starting = connectLoopback(later, new AbortController().signal)
  server.listen(later, '127.0.0.1')
  onTestFinished(() => void server.close())
  const socket = await starting
  expect(socket.remotePort).toBe(later)
  socket.destroy()
  const gone = AbortSignal.abort(new Error('the pod is gone'))
  await expect(connectLoopback(port, gone)).rejects.toThrow('the pod is gone')
  expect(sockets).toEqual([])
})
