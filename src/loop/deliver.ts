import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import type { PendingTree } from '../sync/pending-tree.ts'
import type { Syncer, SyncFile, SyncTarget } from '../sync/syncer.ts'
import type { SessionEvent } from './events.ts'
import type { PodTracker } from './pods.ts'

/** The service, its pending files, and what sends them. */
export interface DeliverDeps {
  readonly service: string
  readonly tree: PendingTree
  readonly pods: Pick<PodTracker, 'running'>
  readonly syncer: Syncer
  readonly report: (event: SessionEvent) => void
}

/** The way of the files of a service into its containers. */
export interface Delivery {
  /**
   * Brings all running containers up to date. Call it when files or containers changed. A call during a delivery adds
   * one more round to it. It never rejects: a failure is reported once for each state of the files.
   */
  deliver(): Promise<void>
  /** The next delivery tries again what failed. */
  retry(): void
  /** Whether this container has received any file. */
  reached(containerId: string): boolean
}

/** How long the API server may take to report that a container ended. */
const noticeMs = 2000

/** Keeps the files in all running containers of a service up to date. */
export function delivery(deps: DeliverDeps, signal: AbortSignal): Delivery {
  const { service, tree, pods, syncer, report } = deps
  const gaveUp = new Map<string, number>()
  const reached = new Set<string>()
  /** The last change that at least one container has. */
  let delivered = 0
  let due = false
  let running: Promise<void> | undefined

  const toOne = async (target: SyncTarget, files: readonly SyncFile[], upTo: number): Promise<boolean> => {
    const id = target.containerId
    for (let tries = 0; tries < 2; tries += 1) {
      const result = await syncer.send(target, files, signal)
      if (result !== 'gone') {
        tree.served(id, upTo)
        reached.add(id)
        return true
      }
      // A container that ended is replaced, and its successor gets the files. One that stays listed cannot be reached:
      // that is a failure.
      await sleep(noticeMs, undefined, { signal })
      if (!pods.running(service).some((other) => other.containerId === id)) return false
    }
    throw new DevkError(
      'SYNC_FAILED',
      `The container ${target.container} of pod ${target.pod.name} was not found on its node`,
    )
  }

  const round = async () => {
    const targets = pods.running(service)
    const ids = new Set(targets.map((target) => target.containerId))
    tree.keepOnly(ids)
    for (const id of gaveUp.keys()) if (!ids.has(id)) gaveUp.delete(id)
    const began = performance.now()
    const sent = new Set<string>()
    const before = delivered
    await Promise.all(
      targets.map(async (target) => {
        const { files, upTo } = tree.missing(target.containerId)
        if (files.length === 0 || gaveUp.get(target.containerId) === upTo) return
        try {
          if (!(await toOne(target, files, upTo))) return
          delivered = Math.max(delivered, upTo)
          for (const file of files) sent.add(file.to)
        } catch (error) {
          if (signal.aborted) return
          gaveUp.set(target.containerId, upTo)
          report({ type: 'failed', service, during: 'sync', error })
        }
      }),
    )
    if (sent.size === 0) return
    const again = delivered === before
    report({ type: 'synced', service, files: [...sent], ms: performance.now() - began, again })
  }

  const deliver = () => {
    due = true
    running ??= (async () => {
      while (due && !signal.aborted) {
        due = false
        await round()
      }
    })().finally(() => {
      running = undefined
    })
    return running
  }
  return { deliver, retry: () => gaveUp.clear(), reached: (id) => reached.has(id) }
}
