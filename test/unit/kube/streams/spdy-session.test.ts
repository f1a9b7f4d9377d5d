import { EventEmitter, once } from 'node:events'
import { Duplex } from 'node:stream'
import { constants, inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  controlFrame,
  dataHeader,
  type Frame,
  frameReader,
  frameType,
} from '../../../../src/kube/streams/spdy-frames.ts'
import { spdySession } from '../../../../src/kube/streams/spdy-session.ts'

/** The other end of a connection: gives the frames that arrive, and sends frames. */
function otherEnd() {
  const frames: Frame[] = []
  const arrived = new EventEmitter()
  const read = frameReader()
  const socket: Duplex = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      frames.push(...read(chunk))
      done()
      arrived.emit('frames')
    },
  })
  const id = (stream: number) => {
    const payload = Buffer.alloc(8)
    payload.writeUInt32BE(stream)
    return payload
  }
  return {
    socket,
    frames,
    /** Resolves when this number of frames has arrived. */
    async has(count: number) {
      while (frames.length < count) await once(arrived, 'frames')
    },
    accept: (stream: number) => socket.push(controlFrame(frameType.reply, 0, id(stream))),
    reset: (stream: number) => socket.push(controlFrame(frameType.reset, 0, id(stream))),
    send: (stream: number, text: string, fin = false) =>
      socket.push(Buffer.concat([dataHeader(stream, text.length, fin), Buffer.from(text)])),
    control: (type: number, payload: Buffer) => socket.push(controlFrame(type, 0, payload)),
  }
}

const text = async (stream: Duplex) => {
  let all = ''
  for await (const chunk of stream) all += chunk
  return all
}

test('the headers of all streams are one zlib stream', async () => {
  const peer = otherEnd()
  const session = spdySession(peer.socket)
  session.open({ streamType: 'error', port: '80' })
  session.open({ streamType: 'data' })
  await peer.has(2)
  const blocks = Buffer.concat(peer.frames.map((frame) => frame.payload.subarray(10)))
  // The stream stays open, so the test does not wait for its end.
  const plain = inflateSync(blocks, { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1')
  expect(plain).toContain('streamtype\0\0\0\x05error\0\0\0\x04port\0\0\0\x0280')
  expect(plain).toContain('\0\0\0\x01\0\0\0\x0astreamtype\0\0\0\x04data')
})

test('each direction closes on its own', async () => {
  const peer = otherEnd()
  const session = spdySession(peer.socket)
  const stream = session.open({})
  peer.accept(1)
  await session.accepted()
  stream.end('question')
  await peer.has(3)
  const data = peer.frames.filter((frame) => frame.kind === 'data')
  expect(data.map((frame) => [String(frame.payload), frame.fin])).toEqual([
    ['question', false],
    ['', true],
  ])
  peer.send(1, 'answer', true)
  expect(await text(stream)).toBe('answer')
})

test('a refused stream rejects and is destroyed', async () => {
  const peer = otherEnd()
  const session = spdySession(peer.socket)
  const stream = session.open({})
  const broken = new Promise((resolve) => stream.once('error', resolve))
  const accepted = session.accepted()
  peer.reset(1)
  await expect(accepted).rejects.toThrow('reset the stream')
  await broken
})

test('a later reset destroys a stream, or ends it when that is its normal end', async () => {
  const peer = otherEnd()
  const session = spdySession(peer.socket)
  const breaks = session.open({})
  const ends = session.open({}, 'ends')
  peer.accept(1)
  peer.accept(3)
  peer.send(3, 'all of it')
  peer.reset(1)
  peer.reset(3)
  await expect(text(breaks)).rejects.toThrow('reset the stream')
  expect(await text(ends)).toBe('all of it')
})

test('a reader that pauses pauses the connection', async () => {
  const peer = otherEnd()
  const session = spdySession(peer.socket)
  const stream = session.open({})
  peer.accept(1)
  const paused = once(peer.socket, 'pause')
  for (let i = 0; i < 20; i++) peer.send(1, 'x'.repeat(10_000))
  await paused
  expect(peer.socket.isPaused()).toBe(true)
  peer.send(1, '', true)
  expect((await text(stream)).length).toBe(200_000)
  expect(peer.socket.isPaused()).toBe(false)
})

test('pings are answered', async () => {
  const peer = otherEnd()
  spdySession(peer.socket)
  peer.control(frameType.ping, Buffer.from([0, 0, 0, 2]))
  await peer.has(1)
  expect(peer.frames).toEqual([{ kind: 'control', type: frameType.ping, flags: 0, payload: Buffer.from([0, 0, 0, 2]) }])
})

test('the streams are destroyed when the connection ends', async () => {
  const peer = otherEnd()
  const session = spdySession(peer.socket)
  const stream = session.open({})
  peer.accept(1)
  peer.socket.push(null)
  await expect(text(stream)).rejects.toThrow('ended')
  await expect(text(session.open({}))).rejects.toThrow('ended')
})

test('data received before the end of the connection is still read', async () => {
  const peer = otherEnd()
  const session = spdySession(peer.socket)
  const status = session.open({}, 'ends')
  peer.accept(1)
  peer.send(1, 'exit code 7')
  peer.socket.push(null)
  await once(peer.socket, 'close')
  expect(await text(status)).toBe('exit code 7')
  const unsaid = session.open({}, 'ends')
  await expect(text(unsaid)).rejects.toThrow('ended')
})

test('frames are read whatever the chunks', () => {
  const all = Buffer.concat([
    dataHeader(5, 3, true),
    Buffer.from('abc'),
    controlFrame(frameType.ping, 0, Buffer.alloc(4)),
  ])
  for (let size = 1; size <= all.length; size++) {
    const read = frameReader()
    const frames: Frame[] = []
    for (let at = 0; at < all.length; at += size) frames.push(...read(all.subarray(at, at + size)))
    expect(frames.map(({ kind, payload }) => [kind, payload.length])).toEqual([
      ['data', 3],
      ['control', 4],
    ])
  }
})
