import { latestOnly } from '../lib/latest.ts'
import type { Change } from '../watch/changes.ts'
import type { WatchWarning } from '../watch/watch-tree.ts'
import { decide, type WatchedService, watchScope } from './decide.ts'
import { type ServiceLoop, type ServiceLoopDeps, serviceLoop } from './service-loop.ts'

/** What the loop of the whole stack acts on. */
export interface SessionDeps extends ServiceLoopDeps {
  /** The services whose source is on this machine. Called again when a .dockerignore changed. */
  services(signal: AbortSignal): Promise<readonly WatchedService[]>
  /** Absolute paths of the files and folders that the objects are made from. */
  readonly redeployPaths: readonly string[]
  /** When the sources of the running stack were read (wall clock, ms). Changes after it are handled at the start. */
  readonly since: number
  /** Renders and applies all objects again, and rebuilds the images that changed. */
  redeploy(signal: AbortSignal): Promise<void>
  /** Wall clock, ms. */
  now(): number
  /** `watchTree`. */
  watch(options: {
    readonly roots: readonly string[]
    readonly since?: number
    ignored(path: string, directory: boolean): boolean
    onBatch(changes: readonly Change[]): void
    onWarning(warning: WatchWarning): void
    readonly signal: AbortSignal
  }): Promise<void>
}

/**
 * Brings every save to the running services until the signal, then waits for the work that still runs. Neither a failed
 * build nor a crashing service ends it: the next save tries again. Rejects when the services cannot be read or the
 * watch cannot start.
 */
export async function runSession(deps: SessionDeps, signal: AbortSignal): Promise<void> {
  const { report } = deps
  let services = await deps.services(signal)
  let scope = watchScope({ services, redeploy: deps.redeployPaths })
  const loops = new Map<string, ServiceLoop>()
  // A change to the whole stack and a rebuild of one service never run at the same time.
  let redeploying: Promise<unknown> = Promise.resolve()
  const loopDeps: ServiceLoopDeps = {
    ...deps,
    async rebuild(service, either) {
      await redeploying
      return deps.rebuild(service, either)
    },
  }
  for (const { name } of services) loops.set(name, serviceLoop(name, loopDeps, signal))
  const idle = () => Promise.all([...loops.values()].map((loop) => loop.idle()))

  let reason = ''
  let redeployFailed = false
  const redeploy = latestOnly(async (overtaken) => {
    const either = AbortSignal.any([signal, overtaken])
    if (either.aborted) return
    const marks = new Map([...loops].map(([name, loop]) => [name, loop.mark()]))
    const began = performance.now()
    report({ type: 'redeploying', reason })
    try {
      await idle()
      const done = deps.redeploy(either)
      redeploying = done.catch(() => {})
      await done
      redeployFailed = false
      for (const [name, mark] of marks) loops.get(name)?.redeployed(mark)
      report({ type: 'redeployed', ms: performance.now() - began })
    } catch (error) {
      if (either.aborted) return
      redeployFailed = true
      report({ type: 'failed', service: undefined, during: 'redeploy', error })
    }
  })

  let watching = new AbortController()
  const watch = (since: number) =>
    deps.watch({
      roots: scope.roots,
      ignored: scope.ignored,
      onBatch,
      onWarning: (warning) => report({ type: 'warning', warning }),
      since,
      signal: AbortSignal.any([signal, watching.signal]),
    })
  /** Folders that were ignored may belong to a context now, and only a new watch finds them. */
  const watchAgain = async () => {
    const since = deps.now()
    services = await deps.services(signal)
    scope = watchScope({ services, redeploy: deps.redeployPaths })
    watching.abort()
    watching = new AbortController()
    await watch(since)
  }

  const onBatch = (changes: readonly Change[]) => {
    const decision = decide(changes, { services, redeploy: deps.redeployPaths })
    for (const action of decision.services) loops.get(action.service)?.act(action)
    if (decision.services.some((action) => action.action === 'rebuild' && action.ignoreChanged)) {
      void watchAgain().catch((error: unknown) => {
        if (!signal.aborted) report({ type: 'failed', service: undefined, during: 'rebuild', error })
      })
    }
    reason = decision.redeploy ?? reason
    // A rebuild applies one service only, so a redeploy that failed is tried again with the next save of any service.
    const retry = redeployFailed && decision.services.length > 0
    if (decision.redeploy !== undefined || retry) void redeploy()
  }

  const unsubscribe = deps.pods.subscribe((service) => loops.get(service)?.podsChanged())
  try {
    await watch(deps.since)
    report({ type: 'watching', services: [...loops.keys()] })
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  } finally {
    unsubscribe()
    await idle()
    deps.syncer.close()
  }
}
