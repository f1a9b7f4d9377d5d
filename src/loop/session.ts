import { latestOnly } from '../lib/latest.ts'
import type { Change } from '../watch/changes.ts'
import type { WatchWarning } from '../watch/watch-tree.ts'
import { decide, type WatchedService, watchScope } from './decide.ts'
import { type ServiceLoop, type ServiceLoopDeps, serviceLoop } from './service-loop.ts'

export interface SessionDeps extends ServiceLoopDeps {
  /** The services whose source is here. Asked again when what belongs to a context changed. */
  services(signal: AbortSignal): Promise<readonly WatchedService[]>
  /** Absolute paths of what the objects are made from. */
  readonly redeployPaths: readonly string[]
  /** When the source was read that the stack now runs (wall clock, ms): what changed after it is made up for. */
  readonly since: number
  /** Makes and applies all objects again, rebuilding what changed. */
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
 * The loop from saves to the running services; resolves at the signal. Neither a failed build nor a crashing service ends it: the next save
 * tries again.
 */
export async function runSession(deps: SessionDeps, signal: AbortSignal): Promise<void> {
  const { report } = deps
  let services = await deps.services(signal)
  let scope = watchScope({ services, redeploy: deps.redeployPaths })
  const loops = new Map<string, ServiceLoop>()
  // Two changes to the stack as a whole never overlap with one to a single service.
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
      for (const [name, mark] of marks) loops.get(name)?.redeployed(mark)
      report({ type: 'redeployed', ms: performance.now() - began })
    } catch (error) {
      if (!either.aborted) report({ type: 'failed', service: undefined, during: 'redeploy', error })
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
  /** Folders that were of no concern may be now: only a new watch finds them. */
  const watchAnew = async () => {
    const since = deps.now()
    services = await deps.services(signal)
    scope = watchScope({ services, redeploy: deps.redeployPaths })
    watching.abort()
    watching = new AbortController()
    await watch(since)
  }

  const onBatch = (changes: readonly Change[]) => {
    const plan = decide(changes, { services, redeploy: deps.redeployPaths })
    for (const action of plan.services) loops.get(action.service)?.act(action)
    if (plan.services.some((action) => action.action === 'rebuild' && action.ignoreChanged)) {
      void watchAnew().catch((error: unknown) => {
        if (!signal.aborted) report({ type: 'failed', service: undefined, during: 'rebuild', error })
      })
    }
    if (plan.redeploy !== undefined) {
      reason = plan.redeploy
      void redeploy()
    }
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
