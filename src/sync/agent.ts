import { once } from 'node:events'
import { DevkError } from '../errors.ts'
import type { Child, Runner } from '../exec/runner.ts'
import { agentScript } from './agent-script.ts'
import { type Answer, answerReader, frame, frameReader, say } from './frames.ts'

/** A way into one container, over a node's agent. */
export interface Channel {
  readonly closed: boolean
  /** Resolves when there is room for more. */
  write(data: Uint8Array): Promise<void>
  /** Ends the batch and gives the container's answer; undefined when the channel closed instead. */
  finish(): Promise<Answer | undefined>
  close(): void
}

/** The agent of one node, running. */
export interface Agent {
  readonly dead: boolean
  open(containerId: string): Channel
  close(): void
}

/**
 * Starts the agent in a node's container and waits until it speaks.
 * Throws NODE_AGENT with what the engine or perl said when it does not.
 */
export async function startAgent(runner: Runner, nodeContainer: string, signal: AbortSignal): Promise<Agent> {
  const child = runner.spawn('docker', ['exec', '-i', nodeContainer, 'perl', '-e', agentScript])
  const onFrames = new Map<number, (data: Buffer) => void>()
  const end = endOf(child, onFrames)
  const ready = new Promise<boolean>((resolve) => onFrames.set(0, () => resolve(true)))
  child.stdout.on(
    'data',
    frameReader((channel, data) => onFrames.get(channel)?.(data)),
  )
  const abort = () => child.kill()
  signal.addEventListener('abort', abort, { once: true })
  const started = await Promise.race([ready, end.promise.then(() => false)])
  signal.removeEventListener('abort', abort)
  signal.throwIfAborted()
  if (!started) {
    throw new DevkError('NODE_AGENT', `Files cannot be written through node ${nodeContainer}`, {
      details: end.words() === '' ? [] : [end.words()],
    })
  }
  let last = 0
  return {
    get dead() {
      return end.reached()
    },
    open(containerId) {
      last += 1
      child.stdin.write(say.open(last, containerId))
      return openChannel(child, last, onFrames, end.reached)
    },
    close: () => child.kill(),
  }
}

/** Notes an agent's end, tells every channel of it, and keeps the last words it said. */
function endOf(child: Child, onFrames: ReadonlyMap<number, (data: Buffer) => void>) {
  let reached = false
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2000)
  })
  const promise = child.done.then(() => {
    reached = true
    for (const [channel, onFrame] of onFrames) if (channel !== 0) onFrame(Buffer.alloc(0))
  })
  return { promise, reached: () => reached, words: () => words.trim() }
}

function openChannel(
  child: Child,
  number: number,
  onFrames: Map<number, (data: Buffer) => void>,
  dead: () => boolean,
): Channel {
  let closed = false
  let last: Answer | undefined
  let waiting: ((answer: Answer | undefined) => void) | undefined
  const read = answerReader((answer) => {
    last = answer
    waiting?.(answer)
  })
  onFrames.set(number, (data) => {
    if (data.length > 0) return read(data)
    closed = true
    onFrames.delete(number)
    waiting?.(last)
  })
  const isClosed = () => closed || dead()
  const write = async (data: Uint8Array) => {
    if (isClosed() || child.stdin.write(frame(number, data))) return
    const done = new AbortController()
    await Promise.race([once(child.stdin, 'drain', { signal: done.signal }).catch(() => {}), child.done])
    done.abort()
  }
  return {
    get closed() {
      return isClosed()
    },
    write,
    async finish() {
      if (isClosed()) return last
      const answer = new Promise<Answer | undefined>((resolve) => {
        waiting = resolve
      })
      if (last !== undefined) return last
      await write(say.endOfBatch)
      const result = await answer
      waiting = undefined
      if (result?.type === 'done') last = undefined
      return result
    },
    close() {
      if (!isClosed()) child.stdin.write(say.close(number))
    },
  }
}
