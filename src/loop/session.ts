import { latestOnly } from '../lib/latest.ts'
import type { RenderInputs } from '../manifests/inputs.ts'
import type { Change, Saved } from '../watch/changes.ts'
import type { WatchWarning } from '../watch/warnings.ts'
import type { Listing } from '../watch/watch-tree.ts'
import type { LoopControl } from './control.ts'
import type { WatchedService, WatchedSources } from './decide.ts'
import { type BatchTimes, type MarkedSave, timeOf } from './save-time.ts'
import { sessionSaves } from './saves.ts'
import { watchScope } from './scope.ts'
import { type ServiceLoop, type ServiceLoopDeps, serviceLoop } from './service-loop.ts'
import { type ContextFiles, listingsFor } from './services.ts'

/** What the loop of the whole stack acts on. */
export interface SessionDeps extends ServiceLoopDeps {
  /**
   * Reads the configuration again. Resolves with what changed in it and takes effect only when devk starts again.
   * Rejects when it is wrong: nothing is applied then.
   */
  reread(): Promise<readonly string[]>
  /** The services whose source is on this machine. Called again after `reread`, and when a
   * .dockerignore changed. */
  services(signal: AbortSignal): Promise<readonly WatchedService[]>
  /** What the objects are made from. Called again when a part of it changed. */
  inputs(): Promise<RenderInputs>
  /** The build contexts as they were when the images of the running stack were named. */
  readonly listings: readonly ContextFiles[]
  /** When the sources of the running stack were read (wall clock, ms). Changes after it are handled at the start. */
  readonly since: number
  /**
   * Renders and applies all objects again, and rebuilds the images that changed, except those of the services `held`,
   * which keep the image that they run. Resolves with the builds that failed: their services keep their images as well.
   */
  redeploy(held: ReadonlySet<string>, signal: AbortSignal): Promise<readonly FailedBuild[]>
  /** Given what the loop can be asked for while it runs. */
  onControl?(control: LoopControl): void
  /** Wall clock, ms. */
  now(): number
  /** `watchTree`. */
  watch(options: {
    readonly roots: readonly string[]
    readonly follow: readonly string[]
    readonly listings: readonly Listing[]
    readonly since?: number
    ignored(path: string, directory: boolean): boolean
    onBatch(changes: readonly Change[], saved: readonly Saved[], times: BatchTimes): void
    onWarning(warning: WatchWarning): void
    readonly signal: AbortSignal
  }): Promise<void>
}

/** A service whose image could not be built, and why. */
export interface FailedBuild {
  readonly service: string
  readonly error: unknown
}

/**
 * Brings every save to the running services until the signal, then waits for the work that still runs. Neither a failed
 * build nor a crashing service ends it: the next save tries again. Rejects when the services cannot be read or the
 * watch cannot start.
 */
export async function runSession(deps: SessionDeps, signal: AbortSignal): Promise<void> {
  const { report } = deps
  const readSources = async (): Promise<WatchedSources> => ({
    services: await deps.services(signal),
    redeploy: await deps.inputs(),
  })
  let sources = await readSources()
  const loops = new Map<string, ServiceLoop>()
  const addLoops = () => {
    for (const { name } of sources.services) if (!loops.has(name)) loops.set(name, serviceLoop(name, deps, signal))
  }
  addLoops()
  let reason = ''
  let redeploySave: MarkedSave | undefined
  let redeployFailed = false
  let redeploying: Promise<unknown> = Promise.resolve()
  let reported = ''
  const reportLasting = (keys: readonly string[]) => {
    const list = keys.join(', ')
    if (list !== '' && list !== reported) {
      const message = `The configuration changed, and devk has to start again to apply: ${list}`
      report({ type: 'warning', warning: { message, hint: 'Leave it with Ctrl-C, and run devk up again.' } })
    }
    reported = list
  }
  const applyAll = latestOnly(async (overtaken) => {
    const either = AbortSignal.any([signal, overtaken])
    if (either.aborted) return
    // A rebuild that runs brings its own image. Its service gets only its objects here.
    // What was saved of one that waits must not come with its image.
    const keeping = new Set(
      [...loops].filter(([name, loop]) => loop.rebuilding() || saves.waits(name)).map(([name]) => name),
    )
    const marks = new Map([...loops].map(([name, loop]) => [name, loop.mark()]))
    const began = performance.now()
    const save = redeploySave
    report({ type: 'redeploying', reason, ...(save ? { save: timeOf(save) } : {}) })
    try {
      // A mistake may be in a file that the configuration has not imported before.
      reportLasting(await deps.reread().finally(watchAgain))
      if (either.aborted) return
      const failed = await deps.redeploy(keeping, either)
      redeployFailed = false
      for (const [name, mark] of marks) {
        const failure = failed.find(({ service }) => service === name)
        if (failure !== undefined) loops.get(name)?.buildFailed(failure.error)
        else if (!keeping.has(name)) loops.get(name)?.redeployed(mark)
      }
      const now = performance.now()
      const applied = [{ name: 'applied', ms: now - began }]
      report({ type: 'redeployed', ms: now - began, ...(save ? { save: timeOf(save, applied, now) } : {}) })
    } catch (error) {
      if (either.aborted) return
      redeployFailed = true
      report({ type: 'failed', service: undefined, during: 'redeploy', error })
    }
  })

  let watching = new AbortController()
  const watch = async (since: number, listings: readonly Listing[]) => {
    const old = watching
    watching = new AbortController()
    await deps.watch({
      ...watchScope(sources),
      onBatch: saves.onBatch,
      onWarning: (warning) => report({ type: 'warning', warning }),
      since,
      listings,
      signal: AbortSignal.any([signal, watching.signal]),
    })
    // The old watch ends when the new one stands, so that nothing is missed. What both report is handled twice.
    old.abort()
  }
  /** Other files may matter now, and only a new watch finds them. */
  const watchAgain = latestOnly(async () => {
    const since = deps.now()
    try {
      sources = await readSources()
      addLoops()
      await watch(since, [])
      saves.release()
    } catch (error) {
      if (!signal.aborted) report({ type: 'failed', service: undefined, during: 'rebuild', error })
    }
  })

  const saves = sessionSaves({
    sources: () => sources,
    loops,
    watchAgain: () => void watchAgain(),
    redeployFailed: () => redeployFailed,
    redeploy(why, save) {
      reason = why ?? reason
      redeploySave = save
      redeploying = applyAll()
    },
    report,
  })

  /** The first save of a service is not to wait for the start of what writes files. */
  const prepare = (service: string) => {
    if (!sources.services.some(({ name, sync }) => name === service && sync.length > 0)) return
    for (const target of deps.pods.running(service)) deps.syncer.prepare?.(target)
  }
  const unsubscribe = deps.pods.subscribe((service) => {
    loops.get(service)?.podsChanged()
    prepare(service)
  })
  deps.onControl?.(saves.control)
  try {
    for (const name of loops.keys()) prepare(name)
    await watch(deps.since, listingsFor(deps.listings, sources.services))
    report({ type: 'watching', services: [...loops.keys()] })
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  } finally {
    unsubscribe()
    await Promise.all([redeploying, ...[...loops.values()].map((loop) => loop.idle())])
  }
}
