import { latestOnly } from '../lib/latest.ts'
import { pendingTree, type SavedFile } from '../sync/pending-tree.ts'
import type { Syncer } from '../sync/syncer.ts'
import { afterSync, type RunInContainer } from './after-sync.ts'
import { type Compiled, compiling } from './compile.ts'
import type { ServiceAction } from './decide.ts'
import { delivery } from './deliver.ts'
import type { SessionEvent } from './events.ts'
import type { PodTracker } from './pods.ts'
import { type MarkedSave, type StepTime, timeOf } from './save-time.ts'

/** What the loop of a service acts on. */
export interface ServiceLoopDeps {
  readonly pods: PodTracker
  readonly syncer: Syncer
  /** Runs a command in a container. Rejects when it cannot be started, or the way to it breaks. */
  readonly run: RunInContainer
  /** Builds a service on this machine. A build that fails is a result. `all`: see `compiling`. */
  compile(service: string, all: boolean, signal: AbortSignal): Promise<Compiled>
  /** Builds, loads and applies the service and waits until it is ready. Rejects with what went wrong. */
  rebuild(service: string, signal: AbortSignal): Promise<readonly StepTime[]>
  /** Deletes a pod, with its UID as a precondition. It is no error when the pod no longer exists. */
  deletePod(pod: { namespace: string; name: string; uid: string }, signal: AbortSignal): Promise<void>
  report(event: SessionEvent): void
}

/** The watch looks at a saved file much sooner (ms). */
const lookMs = 5000

/** The loop of one service. */
export interface ServiceLoop {
  /** Syncs files or rebuilds the image. `saved`: those of its files that were saved without a change. */
  act(action: ServiceAction, saved?: readonly SavedFile[], save?: MarkedSave): void
  /** Nothing but these was saved, without a change. Tries again what failed. */
  retry(saved?: readonly SavedFile[], save?: MarkedSave): void
  /** Call it when a pod of the service changed in any way. */
  podsChanged(): void
  /** The number of the last saved change. */
  mark(): number
  /** Whether a rebuild runs. */
  rebuilding(): boolean
  /** The whole stack was applied, with an image of the sources as they were at `mark()`. */
  redeployed(mark: number): void
  /** The whole stack was applied, but the image of this service could not be built. */
  buildFailed(error: unknown): void
  /** Resolves when the work that runs now has ended. */
  idle(): Promise<unknown>
}

/**
 * Handles the saves of one service and the changes of its pods, until the signal. A newer change cancels a rebuild that
 * still runs.
 */
export function serviceLoop(service: string, deps: ServiceLoopDeps, signal: AbortSignal): ServiceLoop {
  const { pods, report } = deps
  const tree = pendingTree()
  const commands = afterSync({ service, pods, run: deps.run, report }, signal)
  const way = delivery({ service, tree, pods, syncer: deps.syncer, report, onArrived: commands.arrived }, signal)
  const { deliver, retry, reached } = way
  const local = compiling(
    {
      service,
      compile: deps.compile,
      report,
      onOutputs(files, of) {
        tree.add(files)
        if (of) way.saved(of)
        work = Promise.all([work, replaceBroken().then(deliver)])
      },
    },
    signal,
  )
  const reported = new Set<string>()
  /** Why the image must be built again; undefined when the newest build succeeded. */
  let wanted: string | undefined
  /** The save that the next build is for. */
  let save: MarkedSave | undefined
  let buildFailed = false
  let building = 0
  let builtAt = Number.NEGATIVE_INFINITY
  let replacing = false
  let work: Promise<unknown> = Promise.resolve()

  const build = latestOnly(async (overtaken) => {
    const either = AbortSignal.any([signal, overtaken])
    if (either.aborted || wanted === undefined) return
    const mark = tree.mark()
    const began = performance.now()
    const own = save
    report({ type: 'rebuilding', service, reason: wanted, ...(own ? { save: timeOf(own) } : {}) })
    try {
      const stages = await deps.rebuild(service, either)
      buildFailed = false
      wanted = undefined
      tree.built(mark)
      local.rebuilt()
      const now = performance.now()
      report({ type: 'ready', service, stages, ms: now - began, ...(own ? { save: timeOf(own, stages, now) } : {}) })
      await deliver()
    } catch (error) {
      if (!either.aborted) failed(error)
    }
  })
  const failed = (error: unknown) => {
    buildFailed = true
    report({ type: 'failed', service, during: 'rebuild', error })
  }
  /** A build may have read what was there between two looks of the watch. */
  const note = (saved: readonly SavedFile[]) => tree.saved(saved, building > 0 || performance.now() - builtAt < lookMs)
  const rebuildFor = (reason: string, of?: MarkedSave) => {
    local.cancel()
    wanted = reason
    save = of
    replacing = false
    building += 1
    work = build().finally(() => {
      building -= 1
      builtAt = performance.now()
    })
  }

  /**
   * The kubelet's back-off lasts minutes. The successor of a deleted pod starts at once, and gets the files when it
   * runs.
   */
  const replaceBroken = async () => {
    for (const { pod, replaceable } of pods.broken(service)) {
      if (!replaceable) continue
      replacing = true
      report({ type: 'restarting', service, pod: pod.name })
      await deps.deletePod(pod, signal).catch((error: unknown) => {
        if (!signal.aborted) report({ type: 'failed', service, during: 'sync', error })
      })
    }
  }

  const reportCrashes = () => {
    for (const broken of pods.broken(service)) {
      const key = `${broken.pod.uid} ${broken.container} ${broken.containerId ?? ''}`
      if (reported.has(key)) continue
      reported.add(key)
      const { pod, container, exitCode, reason, containerId } = broken
      const lacksFiles = containerId === undefined || tree.missing(containerId).files.length > 0
      const afterSync = !lacksFiles && reached(containerId)
      report({ type: 'crashed', service, pod, container, exitCode, reason, afterSync })
      // A new container starts from the image. When it ends before the files reach it, they must be part of the image.
      if (replacing && lacksFiles) rebuildFor('the container crashed before the files reached it')
    }
  }

  return {
    act(action, saved = [], of) {
      reportCrashes()
      tree.add(action.files)
      note(saved)
      if (action.action === 'rebuild') return rebuildFor(action.reason, of)
      if (buildFailed) return rebuildFor(wanted ?? 'trying again', of)
      if (action.compile) local.start(action.compile, of)
      // What compilers make is another round.
      if (action.files.length === 0) return
      if (of) way.saved(of)
      work = Promise.all([work, replaceBroken().then(deliver)])
    },
    retry(saved = [], of) {
      note(saved)
      if (buildFailed) return rebuildFor(wanted ?? 'trying again', of)
      local.retry(of)
      retry()
      if (of) way.saved(of)
      commands.retry()
      work = Promise.all([work, replaceBroken().then(deliver)])
    },
    podsChanged() {
      reportCrashes()
      work = Promise.all([work, deliver()])
    },
    mark: () => tree.mark(),
    rebuilding: () => building > 0,
    redeployed(mark) {
      builtAt = performance.now()
      buildFailed = false
      wanted = undefined
      tree.built(mark)
      local.rebuilt()
    },
    buildFailed: failed,
    idle: () => Promise.all([work, local.idle(), commands.idle()]),
  }
}
