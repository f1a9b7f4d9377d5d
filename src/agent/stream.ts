import { Duplex } from 'node:stream'
import { uint32 } from '../lib/frames.ts'
import { frameType, windowBytes } from './frames.ts'

/** Why the agent could not serve a stream: what it opens to, or what was asked of it, failed on the node. */
export class StreamFailure extends Error {
  override readonly name = 'StreamFailure'
  /** errno of Linux. */
  readonly errno: number

  constructor(errno: number, reason: string) {
    super(reason)
    this.errno = errno
  }
}

/** One stream: its user's side, and what the frames that arrive for it do. */
export interface AgentStream {
  readonly duplex: Duplex
  /** Resolves when the agent has opened the stream; rejects when it breaks before. */
  readonly opened: Promise<void>
  onOpened(): void
  onData(data: Buffer): void
  onConsumed(bytes: number): void
  onEnd(): void
  /** The stream is over on the other side. */
  onBreak(error: Error): void
}

/** A stream that sends its frames by `send` and calls `forget` when it is over on both sides. */
export function agentStream(send: (type: string, payload?: Buffer) => void, forget: () => void): AgentStream {
  const opened = Promise.withResolvers<void>()
  // Whoever does not wait for it learns of a failure from the stream.
  opened.promise.catch(() => {})
  /** Bytes that the agent still takes. */
  let credit = windowBytes
  let waiting: { chunk: Buffer; done: (error?: Error | null) => void } | undefined
  /** Bytes received that the user has not read, and bytes that were read and the agent does not know of. */
  let unread = 0
  let unreported = 0
  let over = false

  /** Sends what waits, as far as the credit goes. */
  const pump = () => {
    if (!waiting || credit === 0) return
    const { chunk, done } = waiting
    const piece = chunk.subarray(0, credit)
    credit -= piece.length
    send(frameType.data, piece)
    if (piece.length < chunk.length) {
      waiting = { chunk: chunk.subarray(piece.length), done }
      return
    }
    waiting = undefined
    done()
  }
  /** The agent is told of a quarter of the window at once: with the other three it goes on meanwhile. */
  const read = (bytes: number) => {
    unreported += bytes
    if (unreported < windowBytes / 4 || over) return
    send(frameType.consumed, uint32(unreported))
    unreported = 0
  }

  const duplex = new Duplex({
    allowHalfOpen: true,
    read() {
      read(unread)
      unread = 0
    },
    write(chunk: Buffer, _encoding, done) {
      waiting = { chunk, done }
      pump()
    },
    final(done) {
      send(frameType.end)
      done()
    },
    destroy(error, done) {
      if (!over && !(duplex.readableEnded && duplex.writableFinished)) send(frameType.reset)
      over = true
      forget()
      opened.reject(error ?? new Error('the stream was closed'))
      waiting?.done(error ?? new Error('the stream was closed'))
      done(error)
    },
  })

  return {
    duplex,
    opened: opened.promise,
    onOpened: opened.resolve,
    onData(data) {
      if (duplex.push(data)) read(data.length)
      else unread += data.length
    },
    onConsumed(bytes) {
      credit += bytes
      pump()
    },
    onEnd: () => void duplex.push(null),
    onBreak(error) {
      over = true
      duplex.destroy(error)
    },
  }
}
