import { DevkError } from '../errors.ts'
import type { Child } from '../exec/runner.ts'
import { type AgentFrame, agentFrame, agentFrameCutter, frameType } from './frames.ts'
import { type AgentStream, agentStream, StreamFailure } from './stream.ts'

/** How an agent's process ended. */
export interface AgentEnd {
  /** null when a signal ended it. */
  readonly exitCode: number | null
  /** The end of its standard error output. */
  readonly lastWords: string
}

/** A running agent and its streams. */
export interface AgentStreams {
  /** Resolves with undefined when the agent is ready, or with its end if it exits before. */
  readonly ready: Promise<AgentEnd | undefined>
  readonly ended: boolean
  /** Opens a stream. Data can be written to it immediately. */
  open(target: string): AgentStream
  /** Stops the agent and closes all streams. */
  close(): void
}

/** The streams of an agent that runs as `child`. If it exits, they fail with CLUSTER_FAILED. */
export function agentStreams(child: Child): AgentStreams {
  const streams = new Map<number, AgentStream>()
  const ready = Promise.withResolvers<AgentEnd | undefined>()
  const cut = agentFrameCutter()
  let ended = false
  let lastWords = ''
  let newest = 0

  child.stdout.on('data', (chunk: Buffer) => {
    for (const frame of cut(chunk)) {
      const stream = streams.get(frame.stream)
      if (stream) receive(stream, frame)
      else if (frame.stream === 0) ready.resolve(undefined)
    }
  })
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + String(chunk)).slice(-2000)
  })
  void child.done.then((exitCode) => {
    ended = true
    const words = lastWords.trim()
    ready.resolve({ exitCode, lastWords: words })
    const details = words === '' ? [] : [words]
    const error = new DevkError('CLUSTER_FAILED', `The agent on the node exited with ${exitCode ?? 'a signal'}`, {
      details,
    })
    for (const stream of streams.values()) stream.onBreak(error)
  })

  return {
    ready: ready.promise,
    get ended() {
      return ended
    },
    open(target) {
      newest += 1
      const number = newest
      const send = (type: string, payload?: Buffer) => void child.stdin.write(agentFrame(type, number, payload))
      const stream = agentStream(send, () => streams.delete(number))
      streams.set(number, stream)
      send(frameType.open, Buffer.from(target))
      return stream
    },
    close: () => child.kill(),
  }
}

function receive(stream: AgentStream, { type, payload }: AgentFrame): void {
  if (type === frameType.data) stream.onData(payload)
  else if (type === frameType.consumed) stream.onConsumed(payload.readUInt32BE(0))
  else if (type === frameType.opened) stream.onOpened()
  else if (type === frameType.end) stream.onEnd()
  else if (type === frameType.failed) {
    stream.onBreak(new StreamFailure(payload.readUInt32BE(0), String(payload.subarray(4))))
  } else if (type === frameType.reset) stream.onBreak(connectionReset())
}

function connectionReset(): NodeJS.ErrnoException {
  return Object.assign(new Error('the pod reset the connection'), { code: 'ECONNRESET' })
}
