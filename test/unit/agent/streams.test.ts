import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { type AgentFrame, agentFrame, agentFrameCutter, windowBytes } from '../../../src/agent/frames.ts'
import { StreamFailure } from '../../../src/agent/stream.ts'
import { agentStreams } from '../../../src/agent/streams.ts'
import type { Child } from '../../../src/exec/runner.ts'
import { uint32 } from '../../../src/lib/streams/frames.ts'

/** An agent by hand: the frames it got, and a way to send some. */
function agent() {
  const got: AgentFrame[] = []
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const done = Promise.withResolvers<number | null>()
  const cut = agentFrameCutter()
  stdin.on('data', (chunk) => got.push(...cut(chunk)))
  const child: Child = {
    pid: 1,
    stdin,
    stdout,
    stderr,
    done: done.promise,
    exited: done.promise,
    kill: () => done.resolve(null),
  }
  const send = (type: string, stream: number, payload?: Buffer) => stdout.write(agentFrame(type, stream, payload))
  const wait = async (type: string) => {
    for (;;) {
      const found = got.find((frame) => frame.type === type)
      if (found) return found
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  const bytes = (type: string) =>
    got.filter((frame) => frame.type === type).reduce((sum, { payload }) => sum + payload.length, 0)
  return { child, stderr, got, send, wait, bytes, end: done.resolve }
}

/** A stream that the agent has opened. */
async function opened() {
  const peer = agent()
  const streams = agentStreams(peer.child)
  const { duplex, opened } = streams.open('10.0.0.1 80')
  const { stream, payload } = await peer.wait('O')
  expect(String(payload)).toBe('10.0.0.1 80')
  peer.send('C', stream)
  await opened
  return { peer, streams, stream, duplex }
}

test('an agent is ready when it says so, and one that ends before says why', async () => {
  const first = agent()
  const streams = agentStreams(first.child)
  first.send('C', 0)
  expect(await streams.ready).toBeUndefined()

  const second = agent()
  const others = agentStreams(second.child)
  second.stderr.write('exec format error\n')
  await new Promise((resolve) => setTimeout(resolve, 2))
  second.end(126)
  expect(await others.ready).toEqual({ exitCode: 126, lastWords: 'exec format error' })
  expect(others.ended).toBe(true)
})

test('bytes go both ways, and each direction ends on its own', async () => {
  const { peer, stream, duplex } = await opened()
  duplex.end('question')
  await peer.wait('F')
  expect(String((await peer.wait('D')).payload)).toBe('question')
  peer.send('D', stream, Buffer.from('answer'))
  peer.send('F', stream)
  let all = ''
  for await (const chunk of duplex) all += chunk
  expect(all).toBe('answer')
  expect(peer.got.some(({ type }) => type === 'R')).toBe(false)
})

test('a failure breaks the stream with errno and reason', async () => {
  const peer = agent()
  const { duplex, opened } = agentStreams(peer.child).open('10.0.0.1 80')
  const broken = new Promise((resolve) => duplex.once('error', resolve))
  const { stream } = await peer.wait('O')
  peer.send('E', stream, Buffer.concat([uint32(111), Buffer.from('connection refused')]))
  await expect(opened).rejects.toThrow('connection refused')
  expect(await broken).toBeInstanceOf(StreamFailure)
  expect(await broken).toMatchObject({ errno: 111, message: 'connection refused' })
})

test('no more is sent than the window allows, and more when it opens', async () => {
  const { peer, stream, duplex } = await opened()
  duplex.write(Buffer.alloc(windowBytes * 2))
  await peer.wait('D')
  expect(peer.bytes('D')).toBe(windowBytes)
  peer.send('W', stream, uint32(1000))
  while (peer.bytes('D') === windowBytes) await new Promise((resolve) => setTimeout(resolve, 2))
  expect(peer.bytes('D')).toBe(windowBytes + 1000)
})

test('the window of the agent opens as its bytes are read', async () => {
  const { peer, stream, duplex } = await opened()
  peer.send('D', stream, Buffer.alloc(100_000))
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(peer.bytes('W')).toBe(0)
  duplex.resume()
  expect((await peer.wait('W')).payload.readUInt32BE()).toBe(100_000)
})

test('many small pieces that were read give the agent its credit at once', async () => {
  const { peer, stream, duplex } = await opened()
  duplex.resume()
  for (let sent = 0; sent < windowBytes / 4; sent += 1024) peer.send('D', stream, Buffer.alloc(1024))
  expect((await peer.wait('W')).payload.readUInt32BE()).toBe(windowBytes / 4)
  expect(peer.got.filter(({ type }) => type === 'W')).toHaveLength(1)
})

test('a reset breaks the stream', async () => {
  const { peer, stream, duplex } = await opened()
  const broken = new Promise<NodeJS.ErrnoException>((resolve) => duplex.once('error', resolve))
  peer.send('R', stream)
  expect((await broken).code).toBe('ECONNRESET')
})

test('streams fail when their agent exits', async () => {
  const { peer, streams, duplex } = await opened()
  const waiting = streams.open('10.0.0.2 80')
  waiting.duplex.on('error', () => {})
  const broken = new Promise<Error>((resolve) => duplex.once('error', resolve))
  peer.end(137)
  await expect(waiting.opened).rejects.toThrow('The agent on the node exited with 137')
  expect((await broken).message).toBe('The agent on the node exited with 137')
})

test('destroying a stream resets it at the agent', async () => {
  const { peer, duplex } = await opened()
  duplex.destroy()
  await peer.wait('R')
})
