import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import { count } from '../lib/text.ts'
import { type Agent, type Channel, startAgent } from './agent.ts'
import type { FileError } from './frames.ts'
import type { Syncer, SyncFile, SyncResult, SyncTarget } from './syncer.ts'
import { transfer } from './transfer.ts'

/** errno of a read-only file system, on every Linux. */
const EROFS = 30

/** One container's way in; batches for it wait for each other. */
interface Line {
  channel: Channel | undefined
  last: Promise<unknown>
}

/**
 * The syncer for nodes that are containers of the local engine: one agent per node that stays, started at its first use and again when it
 * has died. `nodeContainer` gives the engine's name of a cluster's node.
 */
export function nodeAgentSyncer(runner: Runner, nodeContainer: (node: string) => string): Syncer {
  const agents = new Map<string, Promise<Agent>>()
  const lines = new Map<string, Line>()

  /** One at a time for each node, so that containers which are served at once share an agent. */
  const agentOf = (node: string, signal: AbortSignal): Promise<Agent> => {
    const before = agents.get(node)?.catch(() => undefined)
    const agent = Promise.resolve(before).then((known) =>
      known && !known.dead ? known : startAgent(runner, nodeContainer(node), signal),
    )
    agents.set(node, agent)
    return agent
  }

  const attempt = async (target: SyncTarget, line: Line, files: readonly SyncFile[], signal: AbortSignal) => {
    signal.throwIfAborted()
    if (!line.channel || line.channel.closed) {
      line.channel = (await agentOf(target.node, signal)).open(target.containerId)
    }
    const { channel } = line
    let failure: unknown
    const moved = await transfer(channel, files, signal).catch((error: unknown) => {
      failure = error
      return undefined
    })
    const answer = await channel.finish()
    signal.throwIfAborted()
    if (answer?.type === 'refused') {
      if (answer.reason === '') return 'gone'
      throw refused(target, answer.reason)
    }
    if (answer === undefined) return undefined
    if (moved === undefined) throw unreadable(target, failure)
    if (answer.errors.length > 0) throw unwritten(target, moved.sent, answer.errors)
    return { files: moved.sent.length, bytes: moved.bytes }
  }

  return {
    async send(target, files, signal): Promise<SyncResult | 'gone'> {
      const began = performance.now()
      const line = lines.get(target.containerId) ?? { channel: undefined, last: Promise.resolve() }
      lines.set(target.containerId, line)
      // An agent that died in the middle is started once more: its files are written whole or not at all, so all go again.
      const run = line.last.then(
        async () => (await attempt(target, line, files, signal)) ?? (await attempt(target, line, files, signal)),
      )
      line.last = run.catch(() => {})
      const moved = await run
      if (moved === undefined) throw refused(target, 'the node stopped answering')
      if (moved === 'gone') {
        lines.delete(target.containerId)
        return 'gone'
      }
      return { ...moved, ms: performance.now() - began }
    },
    close() {
      for (const agent of agents.values()) void agent.then((it) => it.close()).catch(() => {})
      agents.clear()
      lines.clear()
    },
  }
}

const nameOf = (target: SyncTarget) => `${target.pod.namespace}/${target.pod.name} (${target.container})`

function refused(target: SyncTarget, reason: string): DevkError {
  return new DevkError('SYNC_FAILED', `Nothing could be written to ${nameOf(target)}: ${reason}`)
}

function unreadable(target: SyncTarget, cause: unknown): DevkError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new DevkError('SYNC_FAILED', `${target.service}: a file could not be read: ${reason}`, { cause })
}

function unwritten(target: SyncTarget, sent: readonly SyncFile[], errors: readonly FileError[]): DevkError {
  const shown = errors.slice(0, 5).map((error) => `${sent[error.index]?.to ?? '?'}: ${error.reason}`)
  const more = errors.length - shown.length
  return new DevkError('SYNC_FAILED', `${count(errors.length, 'file')} could not be written to ${nameOf(target)}`, {
    details: more > 0 ? [...shown, `and ${more} more`] : shown,
    ...(errors.some((error) => error.code === EROFS)
      ? {
          hint: 'Its root is read-only: set readOnlyRootFilesystem to false, or remove `sync` so that a save rebuilds.',
        }
      : {}),
  })
}
