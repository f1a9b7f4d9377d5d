import { Duplex } from 'node:stream'
import {
  controlFrame,
  dataHeader,
  type Frame,
  finFlag,
  frameReader,
  frameType,
  resetStream,
  synStream,
} from './spdy-frames.ts'

/** A connection with several streams. Each stream can be half-closed. */
export interface Session {
  /**
   * Opens a stream. Data can be sent at once. The stream is destroyed with an error when the other side refuses it.
   * `reset` decides what a later reset means: an error ('breaks') or the end of the data ('ends'). The kubelet resets
   * the streams of an exec after the last byte.
   */
  open(headers: Readonly<Record<string, string>>, reset?: 'breaks' | 'ends'): Duplex
  /** Resolves when the other side has accepted every open stream. Rejects when the connection ends before. */
  accepted(): Promise<void>
  close(): void
}

interface Open {
  readonly duplex: Duplex
  accept(): void
  refuse(error: Error): void
  readonly answer: Promise<void>
  readonly reset: 'breaks' | 'ends'
  accepted: boolean
  remoteDone: boolean
}

const largestFrame = 256 * 1024

/**
 * SPDY/3.1 over an upgraded connection. The servers (moby/spdystream in kubelet and containerd) have no flow control
 * per stream, so a stream that is not read blocks the whole connection. Use one session for each forwarded TCP
 * connection.
 */
export function spdySession(socket: Duplex): Session {
  const streams = new Map<number, Open>()
  const read = frameReader()
  const blocked = new Set<number>()
  let nextId = 1
  let ended = false

  const end = (cause?: Error) => {
    if (ended) return
    ended = true
    for (const stream of streams.values()) {
      const error = cause ?? new Error('the connection to the pod ended')
      stream.refuse(error)
      // The received data must still be read. Its content tells whether it is complete.
      if (stream.accepted && stream.reset === 'ends') finish(stream)
      else if (!stream.remoteDone) stream.duplex.destroy(error)
    }
    streams.clear()
    socket.destroy()
  }

  const handle = (frame: Frame) => {
    if (frame.kind === 'data') {
      const stream = streams.get(frame.stream)
      if (!stream) return
      if (frame.payload.length > 0 && !stream.duplex.push(frame.payload)) {
        blocked.add(frame.stream)
        socket.pause()
      }
      if (frame.fin) finish(stream)
      return
    }
    if (frame.type === frameType.ping) {
      // Pings of the other side have even numbers.
      if (frame.payload.length >= 4 && frame.payload.readUInt32BE(0) % 2 === 0) {
        socket.write(controlFrame(frameType.ping, 0, frame.payload))
      }
      return
    }
    if (frame.type === frameType.goAway) return end()
    if (frame.type !== frameType.reply && frame.type !== frameType.reset) return
    const id = frame.payload.readUInt32BE(0) & 0x7fffffff
    const stream = streams.get(id)
    if (!stream) return
    if (frame.type === frameType.reply) {
      stream.accepted = true
      stream.accept()
      if ((frame.flags & finFlag) !== 0) finish(stream)
    } else if (stream.accepted && stream.reset === 'ends') {
      finish(stream)
    } else {
      const error = new Error('the other side reset the stream')
      stream.refuse(error)
      stream.duplex.destroy(error)
    }
  }

  const finish = (stream: Open) => {
    if (stream.remoteDone) return
    stream.remoteDone = true
    stream.duplex.push(null)
  }

  const resume = (id: number) => {
    if (blocked.delete(id) && blocked.size === 0) socket.resume()
  }

  socket.on('data', (chunk: Buffer) => {
    for (const frame of read(chunk)) handle(frame)
  })
  socket.on('error', end)
  socket.on('close', () => end())
  socket.on('end', () => end())

  const send = (id: number, chunk: Buffer, done: (error?: Error | null) => void) => {
    for (let start = 0; start < chunk.length; start += largestFrame) {
      const piece = chunk.subarray(start, start + largestFrame)
      socket.cork()
      socket.write(dataHeader(id, piece.length, false))
      socket.write(piece, start + largestFrame >= chunk.length ? done : undefined)
      socket.uncork()
    }
    if (chunk.length === 0) done()
  }

  return {
    open(headers, reset = 'breaks') {
      const id = nextId
      nextId += 2
      const answer = Promise.withResolvers<void>()
      // A caller that does not wait for the answer gets a refusal as an error of the stream.
      answer.promise.catch(() => {})
      const duplex = new Duplex({
        allowHalfOpen: true,
        read: () => resume(id),
        write: (chunk: Buffer, _encoding, done) =>
          ended ? done(new Error('the connection to the pod ended')) : send(id, chunk, done),
        final: (done) => (ended ? done() : socket.write(dataHeader(id, 0, true), done)),
        destroy(error, done) {
          const stream = streams.get(id)
          streams.delete(id)
          if (stream && !ended && !(stream.remoteDone && duplex.writableFinished)) socket.write(resetStream(id))
          resume(id)
          done(error)
        },
      })
      streams.set(id, {
        duplex,
        accept: answer.resolve,
        refuse: answer.reject,
        answer: answer.promise,
        reset,
        accepted: false,
        remoteDone: false,
      })
      if (ended) duplex.destroy(new Error('the connection to the pod ended'))
      else socket.write(synStream(id, headers, id === 1))
      return duplex
    },
    async accepted() {
      await Promise.all([...streams.values()].map((stream) => stream.answer))
    },
    close: () => end(),
  }
}
