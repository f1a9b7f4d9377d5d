import { latestOnly } from '../lib/latest.ts'
import { pendingTree } from '../sync/pending-tree.ts'
import type { Syncer } from '../sync/syncer.ts'
import type { ServiceAction } from './decide.ts'
import { delivery } from './deliver.ts'
import type { SessionEvent, StepTime } from './events.ts'
import type { PodTracker } from './pods.ts'

export interface ServiceLoopDeps {
  readonly pods: PodTracker
  readonly syncer: Syncer
  /** Builds, loads, deploys and waits; rejects with what went wrong. */
  rebuild(service: string, signal: AbortSignal): Promise<readonly StepTime[]>
  /** Deletes a pod with its UID as the precondition; one that is gone is no error. */
  deletePod(pod: { namespace: string; name: string; uid: string }, signal: AbortSignal): Promise<void>
  report(event: SessionEvent): void
}

export interface ServiceLoop {
  act(action: ServiceAction): void
  podsChanged(): void
  /** The stack was brought in step as a whole, from what was there at `mark()`. */
  redeployed(mark: number): void
  mark(): number
  /** Resolves when nothing is under way. */
  idle(): Promise<unknown>
}

/** What happens to one service on saves and on changes of its pods, until the signal. */
export function serviceLoop(service: string, deps: ServiceLoopDeps, signal: AbortSignal): ServiceLoop {
  const { pods, report } = deps
  const tree = pendingTree()
  const deliver = delivery({ service, tree, pods, syncer: deps.syncer, report }, signal)
  const seenCrashes = new Set<string>()
  let wanted: string | undefined
  let buildFailed = false
  let rescuing = false
  let work: Promise<unknown> = Promise.resolve()

  const build = latestOnly(async (overtaken) => {
    const either = AbortSignal.any([signal, overtaken])
    if (either.aborted || wanted === undefined) return
    const mark = tree.mark()
    const began = performance.now()
    report({ type: 'rebuilding', service, reason: wanted })
    try {
      const stages = await deps.rebuild(service, either)
      buildFailed = false
      wanted = undefined
      tree.built(mark)
      report({ type: 'ready', service, stages, ms: performance.now() - began })
      await deliver()
    } catch (error) {
      if (either.aborted) return
      buildFailed = true
      report({ type: 'failed', service, during: 'rebuild', error })
    }
  })
  const rebuildFor = (reason: string) => {
    wanted = reason
    rescuing = false
    work = build()
  }

  /** A pod in back-off would wait for minutes: its successor starts at once, and gets the files as soon as it runs. */
  const replaceBroken = async () => {
    for (const { pod, replaceable } of pods.broken(service)) {
      if (!replaceable) continue
      rescuing = true
      report({ type: 'restarting', service, pod: pod.name })
      await deps.deletePod(pod, signal).catch((error: unknown) => {
        if (!signal.aborted) report({ type: 'failed', service, during: 'sync', error })
      })
    }
  }

  const tellCrashes = () => {
    for (const broken of pods.broken(service)) {
      const key = `${broken.pod.uid} ${broken.container} ${broken.containerId ?? ''}`
      if (seenCrashes.has(key)) continue
      seenCrashes.add(key)
      const { pod, container, exitCode, reason, containerId } = broken
      const lacks = containerId === undefined || tree.missing(containerId).files.length > 0
      report({ type: 'crashed', service, pod, container, exitCode, reason, afterSync: !lacks })
      // It ended before the files could reach it, and each new container begins from the image: they have to be in there.
      if (rescuing && lacks) rebuildFor('it crashed before the files reached it')
    }
  }

  return {
    act(action) {
      if (action.action === 'rebuild') return rebuildFor(action.reason)
      tellCrashes()
      tree.add(action.files)
      if (buildFailed) return rebuildFor(wanted ?? 'trying again')
      work = Promise.all([work, replaceBroken().then(deliver)])
    },
    podsChanged() {
      tellCrashes()
      work = Promise.all([work, deliver()])
    },
    mark: () => tree.mark(),
    redeployed(mark) {
      buildFailed = false
      wanted = undefined
      tree.built(mark)
    },
    idle: () => work,
  }
}
