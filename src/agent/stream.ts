import { Duplex } from 'node:stream'
import { uint32 } from '../lib/streams/frames.ts'
import { frameType, windowBytes } from './frames.ts'

/** The agent could not open a stream, or an operation of the stream failed on the node. */
export class StreamFailure extends Error {
  override readonly name = 'StreamFailure'
  /** The errno of Linux. */
  readonly errno: number

  constructor(errno: number, reason: string) {
    super(reason)
    this.errno = errno
  }
}

/** One stream. `duplex` is for its user; the `on…` methods take the frames that arrive for the stream. */
export interface AgentStream {
  readonly duplex: Duplex
  /** Resolves when the agent has opened the stream. Rejects if the stream breaks before. */
  readonly opened: Promise<void>
  onOpened(): void
  onData(data: Buffer): void
  onConsumed(bytes: number): void
  onEnd(): void
  /** The other side has ended the stream. */
  onBreak(error: Error): void
}

/** Creates a stream. It sends frames with `send`, and calls `forget` when both sides have ended. */
export function agentStream(send: (type: string, payload?: Buffer) => void, forget: () => void): AgentStream {
  const opened = Promise.withResolvers<void>()
  // A caller that does not wait for `opened` gets the failure from the stream.
  opened.promise.catch(() => {})
  /** Bytes that may be sent before the agent has to report that it has consumed some. */
  let credit = windowBytes
  let waiting: { chunk: Buffer; done: (error?: Error | null) => void } | undefined
  /** Bytes that were received but not read, and bytes that were read but not reported to the agent. */
  let unread = 0
  let unreported = 0
  let over = false

  /** Sends the waiting data, up to the credit. */
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
  /** Reports a quarter of the window at once. The agent can send the other three quarters meanwhile. */
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
