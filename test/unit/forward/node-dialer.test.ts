import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { Child } from '../../../src/exec/runner.ts'
import { windowBytes } from '../../../src/forward/agent-script.ts'
import { nodeDialer } from '../../../src/forward/node-dialer.ts'
import { encodeFrame, frameSplitter, type NodeFrame } from '../../../src/forward/node-frames.ts'

/** A fake agent: gives the frames that it received, and sends frames. */
function agent() {
  const got: NodeFrame[] = []
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const done = Promise.withResolvers<number | null>()
  const split = frameSplitter()
  stdin.on('data', (chunk) => got.push(...split(chunk)))
  const child: Child = {
    pid: 1,
    stdin,
    stdout,
    stderr: new PassThrough(),
    done: done.promise,
    kill: () => done.resolve(null),
  }
  const send = (type: string, id: number, payload?: Buffer) => stdout.write(encodeFrame(type, id, payload))
  const wait = async (type: string) => {
    for (;;) {
      const found = got.find((frame) => frame.type === type)
      if (found) return found
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  const bytes = (type: string) =>
    got.filter((frame) => frame.type === type).reduce((sum, { payload }) => sum + payload.length, 0)
  return { child, got, send, wait, bytes, end: done.resolve }
}

const { signal } = new AbortController()
const uint32 = (value: number) => {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value)
  return buffer
}

/** A dialer with a connection that the agent has accepted. */
async function connected() {
  const peer = agent()
  const dialer = nodeDialer(() => peer.child)
  const dialing = dialer.dial('10.0.0.1', 80, signal)
  const { id, payload } = await peer.wait('O')
  expect(String(payload)).toBe('10.0.0.1 80')
  peer.send('C', id)
  return { peer, dialer, id, stream: await dialing }
}

test('bytes go both ways, and each direction closes on its own', async () => {
  const { peer, id, stream } = await connected()
  stream.end('question')
  await peer.wait('F')
  expect(String((await peer.wait('D')).payload)).toBe('question')
  peer.send('D', id, Buffer.from('answer'))
  peer.send('F', id)
  let all = ''
  for await (const chunk of stream) all += chunk
  expect(all).toBe('answer')
})

test('an address that refuses rejects with the reason', async () => {
  const peer = agent()
  const dialing = nodeDialer(() => peer.child).dial('10.0.0.1', 80, signal)
  const { id } = await peer.wait('O')
  peer.send('E', id, Buffer.from('Connection refused'))
  await expect(dialing).rejects.toThrow('Connection refused')
})

test('no more than the window is sent until it opens', async () => {
  const { peer, id, stream } = await connected()
  stream.write(Buffer.alloc(windowBytes * 2))
  await peer.wait('D')
  expect(peer.bytes('D')).toBe(windowBytes)
  peer.send('W', id, uint32(1000))
  while (peer.bytes('D') === windowBytes) await new Promise((resolve) => setTimeout(resolve, 2))
  expect(peer.bytes('D')).toBe(windowBytes + 1000)
})

test('the window of the pod opens as its bytes are read', async () => {
  const { peer, id, stream } = await connected()
  peer.send('D', id, Buffer.alloc(100_000))
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(peer.bytes('W')).toBe(0)
  stream.resume()
  expect((await peer.wait('W')).payload.readUInt32BE()).toBe(100_000)
})

test('a reset destroys the stream', async () => {
  const { peer, id, stream } = await connected()
  const broken = new Promise<NodeJS.ErrnoException>((resolve) => stream.once('error', resolve))
  peer.send('R', id)
  expect((await broken).code).toBe('ECONNRESET')
})

test('when the agent ends its connections break, and the next dial starts another agent', async () => {
  const agents = [agent(), agent()]
  let started = 0
  const dialer = nodeDialer(() => {
    const next = agents[started++]
    if (!next) throw new Error('a third agent was started')
    return next.child
  })
  const first = dialer.dial('10.0.0.1', 80, signal)
  await agents[0]?.wait('O')
  agents[0]?.end(137)
  await expect(first).rejects.toThrow('the agent on the node ended (exit 137)')
  const second = dialer.dial('10.0.0.1', 80, signal)
  const opened = await agents[1]?.wait('O')
  agents[1]?.send('C', opened?.id ?? 0)
  await second
})

test('an abort ends the wait and is sent to the agent', async () => {
  const peer = agent()
  const stop = new AbortController()
  const dialing = nodeDialer(() => peer.child).dial('10.0.0.1', 80, stop.signal)
  await peer.wait('O')
  stop.abort(new Error('enough'))
  await expect(dialing).rejects.toThrow('enough')
  await peer.wait('R')
})
