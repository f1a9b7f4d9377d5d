import type { Duplex } from 'node:stream'
import type { NodeAgents } from '../agent/node-agents.ts'
import { StreamFailure } from '../agent/stream.ts'
import { DevkError } from '../errors.ts'
import { count, messageOf } from '../lib/text.ts'
import { type FileError, fileErrors } from './operations.ts'
import type { Syncer, SyncFile, SyncTarget } from './syncer.ts'
import { transfer } from './transfer.ts'

/** Errors of Linux, on every architecture. */
const ESRCH = 3
const EACCES = 13
const EROFS = 30

/** What to do about errors of files. */
const hints = new Map([
  [EROFS, 'Its root is read-only: set readOnlyRootFilesystem to false, or remove `sync` so that a save rebuilds.'],
  [
    EACCES,
    'The user of the container may not write there. `fsGroup` gives it a volume. The path may need to have no links.',
  ],
])

/** The result of a batch: the operations that failed, or why there was no answer. */
type Answer = readonly FileError[] | 'gone' | 'broken' | StreamFailure

/** How long an answer is waited for after the signal (ms). */
const graceMs = 2000

/**
 * The syncer for nodes that are containers of the local engine. `nodeContainer` returns the name of a node's container.
 */
export function nodeSyncer(agents: NodeAgents, nodeContainer: (node: string) => string): Syncer {
  /** The last batch for each container. Batches for the same container run one after the other. */
  const newest = new Map<string, Promise<unknown>>()

  /** Resolves with undefined if the agent exited before it answered. */
  const attempt = async (target: SyncTarget, files: readonly SyncFile[], signal: AbortSignal) => {
    signal.throwIfAborted()
    const { duplex } = await agents.open('sync', nodeContainer(target.node), target.containerId, signal)
    const stopWaiting = destroyAfter(graceMs, duplex, signal)
    const answering = answerOf(duplex)
    let failure: unknown
    const moved = await transfer(duplex, files, signal).catch((error: unknown) => {
      failure = error
      return undefined
    })
    duplex.end()
    const sentAt = performance.now()
    // After an abort, the answer is waited for as well: it says that the container is free for the next batch. If it
    // does not come, something hangs in the container, and the agent lets the next batch wait.
    const answer = await answering
    stopWaiting()
    signal.throwIfAborted()
    if (answer === 'gone') return answer
    if (answer === 'broken') return undefined
    if (answer instanceof StreamFailure) throw refused(target, answer.message)
    if (moved === undefined) throw unreadable(target, failure)
    if (answer.length > 0) throw unwritten(target, moved.sent, answer)
    const sent = new Set(moved.sent)
    const { bytes, versions } = moved
    return { files: sent.size, bytes, versions, sentAt, absent: files.filter((file) => !sent.has(file)) }
  }

  return {
    prepare: ({ node }) => agents.start('sync', nodeContainer(node)),
    async send(target, files, signal) {
      const began = performance.now()
      const before = newest.get(target.containerId) ?? Promise.resolve()
      // If the agent exits during a batch, send all files again. Each file was written completely or not at all.
      const run = before.then(
        async () => (await attempt(target, files, signal)) ?? (await attempt(target, files, signal)),
      )
      const settled = run.catch(() => {})
      newest.set(target.containerId, settled)
      const moved = await run.finally(() => {
        if (newest.get(target.containerId) === settled) newest.delete(target.containerId)
      })
      if (moved === undefined) throw new DevkError('NODE_AGENT', `The agent on node ${target.node} exited twice`)
      if (moved === 'gone') return moved
      const { sentAt, ...rest } = moved
      return { ...rest, ms: performance.now() - began, sentMs: sentAt - began }
    },
  }
}

/** Destroys a stream some time after the signal. Returns the function that prevents it. */
function destroyAfter(ms: number, stream: Duplex, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined
  const start = () => {
    timer = setTimeout(() => stream.destroy(), ms)
  }
  signal.addEventListener('abort', start, { once: true })
  return () => {
    signal.removeEventListener('abort', start)
    clearTimeout(timer)
  }
}

async function answerOf(stream: Duplex): Promise<Answer> {
  try {
    return fileErrors(Buffer.concat(await stream.toArray()))
  } catch (error) {
    if (!(error instanceof StreamFailure)) return 'broken'
    return error.errno === ESRCH ? 'gone' : error
  }
}

const nameOf = (target: SyncTarget) => `${target.pod.namespace}/${target.pod.name} (${target.container})`

function refused(target: SyncTarget, reason: string): DevkError {
  return new DevkError('SYNC_FAILED', `No file could be written to ${nameOf(target)}: ${reason}`)
}

function unreadable(target: SyncTarget, cause: unknown): DevkError {
  const reason = messageOf(cause)
  return new DevkError('SYNC_FAILED', `${target.service}: a file could not be read: ${reason}`, { cause })
}

function unwritten(target: SyncTarget, sent: readonly SyncFile[], errors: readonly FileError[]): DevkError {
  const shown = errors.slice(0, 5).map((error) => `${sent[error.index]?.to ?? '?'}: ${error.reason}`)
  const more = errors.length - shown.length
  const hint = errors.map((error) => hints.get(error.code)).find((known) => known !== undefined)
  return new DevkError('SYNC_FAILED', `${count(errors.length, 'file')} could not be written to ${nameOf(target)}`, {
    details: more > 0 ? [...shown, `and ${more} more`] : shown,
    ...(hint === undefined ? {} : { hint }),
  })
}
