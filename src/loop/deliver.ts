import { setTimeout as sleep } from 'node:timers/promises'
import { duration } from '../lib/text.ts'
import type { PendingTree } from '../sync/pending-tree.ts'
import type { Syncer, SyncFile, SyncTarget } from '../sync/syncer.ts'
import { absentFiles } from './absent.ts'
import type { SessionEvent } from './events.ts'
import { containerWait, endedOrLate, inTime, Unreached } from './in-time.ts'
import { interruptions } from './interruptions.ts'
import { isolate } from './isolate.ts'
import type { PodTracker } from './pods.ts'
import { type MarkedSave, saveWay, timeOf } from './save-time.ts'

/** The service, its pending files, and what sends them. */
export interface DeliverDeps {
  readonly service: string
  readonly tree: PendingTree
  readonly pods: Pick<PodTracker, 'running'>
  readonly syncer: Syncer
  readonly report: (event: SessionEvent) => void
  /** Called for each container that received files. */
  readonly onArrived?: (target: SyncTarget, files: readonly SyncFile[], save: MarkedSave | undefined) => void
  /**
   * How long a container may take for its files, when that is told, and how long the others wait for it before they get
   * newer files.
   */
  readonly deadlineMs?: number
  readonly lateMs?: number
  readonly patienceMs?: number
}

/** The way of the files of a service into its containers. */
export interface Delivery {
  /**
   * Brings all running containers up to date. Call it when files or containers changed. A call during a delivery adds
   * one more round to it. It never rejects: a failure is reported once for each state of the files.
   */
  deliver(): Promise<void>
  /** The next round is about this save. */
  saved(save: MarkedSave): void
  /** The next delivery tries again what failed. */
  retry(): void
  /** Whether this container has received any file. */
  reached(containerId: string): boolean
}

/** How long the API server may take to report that a container ended. */
const noticeMs = 2000
const deadlineMs = 120_000
const lateMs = 15_000
const patienceMs = 3000

/** Keeps the files in all running containers of a service up to date. */
export function delivery(deps: DeliverDeps, signal: AbortSignal): Delivery {
  const { service, tree, pods, syncer, report } = deps
  const gaveUp = new Map<string, number>()
  const reached = new Set<string>()
  /** The last change that at least one container has. */
  let delivered = 0
  let due = false
  let running: Promise<void> | undefined
  const way = saveWay()

  /** Files that a container did not take, although it took others. They were reported, and are not sent again. */
  const refused = new Map<string, SyncFile>()
  const reported = new WeakSet<SyncFile>()
  const reportFailure = (files: Iterable<SyncFile>, error: unknown) => {
    const news = [...files].filter((file) => !reported.has(file))
    for (const file of news) reported.add(file)
    if (news.length > 0) report({ type: 'failed', service, during: 'sync', error })
  }

  const limited = <T>(target: SyncTarget, run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const who = `${target.pod.name} (${target.container})`
    const after = deps.lateMs ?? lateMs
    const onLate = () => {
      const message = `${service}: ${who} has not taken the files for ${duration(after)}`
      report({ type: 'warning', warning: { message, hint: 'Its node may stand still. devk waits, and tries again.' } })
    }
    return inTime({ who, onLate, lateMs: after, limitMs: deps.deadlineMs ?? deadlineMs }, signal, run)
  }

  /**
   * Sends all files, or all but those that fail on their own: one file must not keep the others from arriving. A
   * container that does not answer in time is not asked again for each file. Resolves with those that did not arrive.
   */
  const send = async (target: SyncTarget, files: readonly SyncFile[]) => {
    const sendPart = async (part: readonly SyncFile[]) => {
      const began = performance.now()
      const result = await limited(target, (either) => syncer.send(target, part, either))
      if (result === 'gone') return result
      if (result.versions !== undefined) tree.sent(result.versions)
      way.sent(began + (result.sentMs ?? Number.NaN))
      return result
    }
    try {
      const result = await sendPart(files)
      for (const { to } of files) refused.delete(to)
      return result === 'gone' ? result : missed(result.absent ?? [])
    } catch (error) {
      if (signal.aborted || files.length < 2 || interrupted.includes(error)) throw error
      const left: SyncFile[] = []
      const { refused: failed, gone } = await isolate(files, async (part) => {
        const result = await sendPart(part)
        if (result !== 'gone') left.push(...(result.absent ?? []))
        return result
      })
      if (gone) return 'gone'
      for (const [file, reason] of failed) {
        refused.set(file.to, file)
        reportFailure([file], reason)
      }
      return [...failed.keys(), ...missed(left)]
    }
  }

  const missed = (files: readonly SyncFile[]) => {
    absent.note(files)
    return files
  }

  const toOne = async (target: SyncTarget, files: readonly SyncFile[], upTo: number) => {
    const id = target.containerId
    for (let tries = 0; tries < 2; tries += 1) {
      const result = await send(target, files)
      if (result !== 'gone') {
        tree.served(id, upTo)
        reached.add(id)
        const left = new Set(result)
        return files.filter((file) => !left.has(file))
      }
      // A container that ended is replaced, and its successor gets the files. One that stays listed cannot be reached:
      // that is a failure.
      await sleep(noticeMs, undefined, { signal })
      if (!pods.running(service).some((other) => other.containerId === id)) return undefined
    }
    throw new Unreached(`The container ${target.container} of pod ${target.pod.name} was not found on its node`)
  }

  /** Containers that still take the files of an earlier round. They are brought up to date when that has ended. */
  const busy = new Set<string>()

  /** Brings one container up to date; resolves with the files that arrived. */
  const update = async (target: SyncTarget, save: MarkedSave | undefined): Promise<readonly SyncFile[]> => {
    const id = target.containerId
    const { files, upTo } = tree.missing(id)
    if (files.length === 0 || gaveUp.get(id) === upTo) return []
    busy.add(id)
    try {
      const arrived = await toOne(target, files, upTo)
      if (arrived === undefined) return []
      delivered = Math.max(delivered, upTo)
      interrupted.ended(id)
      // The watch may have told meanwhile that another version was sent than the one that is on disk now.
      if (tree.missing(id).files.length > 0) due = true
      if (arrived.length > 0) deps.onArrived?.(target, arrived, way.arrived(save))
      return arrived
    } catch (error) {
      if (!signal.aborted) {
        gaveUp.set(id, upTo)
        reportFailure(files, error)
        if (interrupted.includes(error)) interrupted.retryLater(id)
      }
      return []
    } finally {
      busy.delete(id)
    }
  }

  const round = async () => {
    const targets = pods.running(service)
    const ids = new Set(targets.map((target) => target.containerId))
    tree.keepOnly(ids)
    waiting(targets.length === 0 && tree.missing('').files.length > 0)
    for (const id of gaveUp.keys()) {
      if (ids.has(id)) continue
      gaveUp.delete(id)
      interrupted.ended(id)
    }
    const began = performance.now()
    const before = delivered
    const save = way.begins()
    const reportArrived = (arrived: readonly SyncFile[]) => {
      if (arrived.length === 0) return
      const files = [...new Set(arrived.map(({ to }) => to))]
      const again = delivered === before
      const own = again ? undefined : way.arrived(save)
      const about = { service, files, ms: performance.now() - began, again }
      report({ type: 'synced', ...about, ...(own ? { save: timeOf(own) } : {}) })
    }
    const arrived: SyncFile[] = []
    let isOver = false
    const updates = targets
      .filter(({ containerId }) => !busy.has(containerId))
      .map(async (target) => {
        const own = await update(target, save)
        if (!isOver) return void arrived.push(...own)
        // The round has ended without this container.
        reportArrived(own)
        void deliver()
      })
    await endedOrLate(updates, deps.patienceMs ?? patienceMs)
    isOver = true
    reportArrived(arrived)
  }

  const onNoContainer = () => {
    const message = `${service}: no container runs that could take the files`
    const hint = 'They are sent as soon as one runs. devk status shows why none does.'
    report({ type: 'warning', warning: { message, hint } })
  }
  const waiting = containerWait(onNoContainer, deps.lateMs ?? lateMs, signal)
  const interrupted = interruptions((id) => {
    if (gaveUp.delete(id)) void deliver()
  }, signal)
  const absent = absentFiles(
    tree,
    (files) => {
      tree.add(files)
      void deliver()
    },
    signal,
  )

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
  const retry = () => {
    gaveUp.clear()
    const again = [...refused.values()].map((file) => ({ ...file }))
    refused.clear()
    tree.add(again)
  }
  return { deliver, retry, saved: way.saved, reached: (id) => reached.has(id) }
}
