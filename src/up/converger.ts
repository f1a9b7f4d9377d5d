import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import type { DevkError } from '../errors.ts'
import { nameOf } from '../kube/api.ts'
import type { StepTime } from '../loop/save-time.ts'
import type { Platform } from '../platform/platform.ts'
import { deployStack } from '../stack/deploy.ts'
import type { Desired } from '../stack/desired/desired.ts'
import { deletionsOf, isAllNew, isEmpty, writesNothing } from '../stack/plan.ts'
import type { ConvergeHooks } from '../terminal/progress.ts'
import { requireFitOf } from './fit.ts'
import type { EarlyImages } from './images/early.ts'
import { anyway, SourcesChanged, untilUnchanged } from './images/supply.ts'
import { beginSupply, bringsToNodes, imagesFor } from './images/supplying.ts'
import type { ImageWork } from './images/work.ts'
import type { LastGood } from './last-good.ts'
import type { Manifests } from './manifests.ts'
import { type Preparation, prepare, type Sources } from './prepare.ts'
import type { Certifier } from './presets/certificates.ts'

/** What a convergence did. */
export interface Outcome {
  readonly desired: Desired
  /** Objects written or deleted, and images built. */
  readonly changes: number
  /** Where devk deviated from the manifests, and what it deleted; in sentences. */
  readonly notes: readonly string[]
  /** The images that the stack runs. */
  readonly works: readonly ImageWork[]
  /** How long each step took. */
  readonly steps: readonly StepTime[]
}

/** What a comparison takes as given. */
export interface Given {
  /** The images of the stack. */
  readonly works: readonly ImageWork[]
  /** The configuration as it is now. */
  readonly config: LoadedConfig
  /**
   * Called when the manifests or the .env files have a mistake, and the last ones without a mistake were compared
   * instead. Absent: the mistake is thrown.
   */
  readonly onMistake?: ((error: DevkError) => void) | undefined
}

/** What `apply` may take as given, and what it calls. */
export interface ApplyHooks {
  /** References of images that the nodes have. */
  readonly present: ReadonlySet<string>
  /** Called when everything is applied, before the wait for what is not ready. */
  readonly onApplied: () => void
}

/** Makes the cluster match the sources. Rejects with what rendering, building, loading, applying or waiting throws. */
export interface Converge {
  /** Compares the sources with the cluster; changes nothing. */
  prepare(signal: AbortSignal, given?: Given): Promise<Preparation>
  /** Builds and loads the images that the plan needs, applies the plan, and waits until everything is ready. */
  apply(preparation: Preparation, signal: AbortSignal, given?: ApplyHooks): Promise<Outcome>
}

/** What to converge, and where. */
export interface ConvergeOptions {
  readonly config: LoadedConfig
  readonly platform: Platform
  /** Called for each comparison. */
  readonly manifests: (config: LoadedConfig) => Manifests
  readonly timeoutMs: number
  /** Services and externals to bring up; the others stay as they are. undefined: all. */
  readonly only: ReadonlySet<string> | undefined
  /** Refuse a stack that does not fit on the nodes. */
  readonly fit: boolean
  /** Issues certificates; undefined: no preset asks for them. */
  readonly certifier: Certifier | undefined
  /** Shared by all comparisons of a stack. */
  readonly lastGood: LastGood
  readonly hooks: ConvergeHooks
  /** Images that may be on their way to the engine. */
  readonly early?: EarlyImages | undefined
  /** Called when the comparison is known and the stack fits, before anything is applied. */
  readonly onPrepared?: (desired: Desired, works: readonly ImageWork[]) => Promise<void>
  /** Called when every image is available, so that only pods are waited for. */
  readonly onSupplied?: () => void
}

/** The one way in which `up`, a save and a redeploy change the cluster. */
export function converger(ctx: CliContext, converging: ConvergeOptions): Converge {
  const { config, platform, timeoutMs, only, hooks } = converging
  const { kube, streams, route, supply } = platform

  const prepareAll = (signal: AbortSignal, given?: Given) => {
    const current = given?.config ?? config
    const { prefix, remote } = route
    const { certifier } = converging
    const manifests = converging.manifests(current)
    const loads = remote ? undefined : bringsToNodes(supply)
    const options = { config: current, kube, manifests, prefix, loads, only, certifier, works: given?.works }
    const run = (sources?: Sources) => prepare(ctx, { ...options, sources }, signal)
    return converging.lastGood.prepare(run, given?.onMistake)
  }

  /** A comparison with sources that changed while they were built is made again. */
  const apply = (preparation: Preparation, signal: AbortSignal, given?: ApplyHooks) => {
    if (given !== undefined) return applyOnce(preparation, signal, given)
    let next: Promise<Preparation> = Promise.resolve(preparation)
    return untilUnchanged(async (isLast) => {
      const current = await next
      const works = isLast ? current.works.map(anyway) : current.works
      try {
        return await applyOnce({ ...current, works }, signal)
      } catch (error) {
        if (error instanceof SourcesChanged) next = prepareAll(signal)
        throw error
      }
    })
  }

  const applyOnce = async (preparation: Preparation, signal: AbortSignal, given?: ApplyHooks) => {
    let { works, prepared, notes } = preparation
    if (converging.fit && !isEmpty(prepared.plan)) {
      const engine = await supply.engine.images.info(signal)
      await requireFitOf(prepared.plan, { config, kube, engine }, signal)
    }
    await converging.onPrepared?.(prepared.desired, works)
    const stop = new AbortController()
    const either = AbortSignal.any([signal, stop.signal])
    const needed = imagesFor(works, prepared, route).filter(({ reference }) => !given?.present.has(reference))
    const supplying = beginSupply(needed, { supply, route, hooks, early: converging.early }, either)
    supplying.ended.then(
      () => converging.onSupplied?.(),
      () => {},
    )
    // Running workloads change only when every image is available. New workloads do not wait for builds, but for images
    // that must be pulled: an image that exists nowhere fails before anything is applied.
    if (isAllNew(prepared.plan)) await supplying.fetched
    else if ((await supplying.ended).some(({ built }) => built) && given === undefined) {
      // What was built may be the image that runs already.
      const again = await prepareAll(signal, { works, config })
      works = again.works
      prepared = again.prepared
      notes = again.notes
    }
    const { plan } = prepared
    const deployBegan = performance.now()
    const deploying = {
      kube,
      streams,
      timeoutMs,
      signal,
      clock: ctx.clock,
      onEvent: hooks.onEvent,
      images: supplying.arrived,
      onApplied: given?.onApplied,
    }
    try {
      await deployStack(prepared, deploying)
    } catch (error) {
      stop.abort(error)
      await supplying.ended.catch(() => {})
      throw error
    }
    const supplied = await supplying.ended
    const buildMs = Math.max(0, ...supplied.map((each) => each.buildMs))
    const loadMs = Math.max(0, ...supplied.map((each) => each.loadMs))
    const steps: StepTime[] = [
      { name: 'built', ms: buildMs },
      { name: 'loaded', ms: loadMs },
      { name: 'ready', ms: performance.now() - deployBegan },
    ]
    const deleted = deletionsOf(plan).map(({ ref }) => nameOf(ref))
    const deletions =
      deleted.length === 0 ? [] : [`Deleted, as the manifests no longer have it: ${deleted.join(', ')}.`]
    const writes = plan.actions.filter((action) => !writesNothing(action)).length
    const changes = writes + supplied.filter(({ built }) => built).length
    return { desired: prepared.desired, changes, notes: [...notes, ...deletions], works, steps }
  }
  return { prepare: prepareAll, apply }
}
