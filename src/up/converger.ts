import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import type { StepTime } from '../loop/events.ts'
import type { Platform } from '../platform/platform.ts'
import { deployStack } from '../stack/deploy.ts'
import type { Desired } from '../stack/desired/desired.ts'
import { isAllNew, isEmpty, writesNothing } from '../stack/plan.ts'
import type { ConvergeHooks } from '../terminal/progress.ts'
import { requireFitOf } from './fit.ts'
import { beginSupply, imagesFor } from './images/supplying.ts'
import { limitedToService } from './limit.ts'
import type { Manifests } from './manifests.ts'
import { type Preparation, prepare } from './prepare.ts'
import type { Certifier } from './presets/certificates.ts'

/** What a convergence did. */
export interface Outcome {
  readonly desired: Desired
  /** Objects written or deleted, and images built. */
  readonly changes: number
  /** Where devk deviated from the manifests, in sentences. */
  readonly notes: readonly string[]
}

/** Makes the cluster match the sources. Rejects with what rendering, building, loading, applying or waiting throws. */
export interface Converge {
  /** `prepare`, then `apply`. */
  all(signal: AbortSignal): Promise<Outcome>
  /** Compares the sources with the cluster; changes nothing. */
  prepare(signal: AbortSignal): Promise<Preparation>
  /** Builds and loads the images that the plan needs, applies the plan, and waits until everything is ready. */
  apply(preparation: Preparation, signal: AbortSignal): Promise<Outcome>
  /**
   * Builds, loads and applies one service. What else differs in the stack stays as it is. Returns how long each step
   * took.
   */
  service(name: string, signal: AbortSignal): Promise<readonly StepTime[]>
}

/** What to converge, and where. */
export interface ConvergeOptions {
  readonly config: LoadedConfig
  readonly platform: Platform
  /** Called for each comparison. */
  readonly manifests: () => Manifests
  readonly timeoutMs: number
  /** Services and externals to bring up; the others stay as they are. undefined: all. */
  readonly only: ReadonlySet<string> | undefined
  /** Refuse a stack that does not fit on the nodes. */
  readonly fit: boolean
  /** Issues certificates; undefined: no preset asks for them. */
  readonly certifier: Certifier | undefined
  readonly hooks: ConvergeHooks
}

/** The one way in which `up`, a save and a redeploy change the cluster. */
export function converger(ctx: CliContext, converging: ConvergeOptions): Converge {
  const { config, platform, timeoutMs, only, hooks } = converging
  const { kube, streams, route, supply } = platform

  const prepareAll = (signal: AbortSignal) => {
    const manifests = converging.manifests()
    const options = { config, kube, manifests, prefix: route.prefix, only, certifier: converging.certifier }
    return prepare(ctx, options, signal)
  }

  const apply = async ({ works, prepared, notes }: Preparation, signal: AbortSignal) => {
    if (converging.fit && !isEmpty(prepared.plan)) {
      const engine = await supply.engine.images.info(signal)
      await requireFitOf(prepared.plan, { config, kube, engine }, signal)
    }
    const stop = new AbortController()
    const either = AbortSignal.any([signal, stop.signal])
    const supplying = beginSupply(imagesFor(works, prepared, platform), { supply, route, hooks }, either)
    const { plan } = prepared
    // Running workloads change only when every image is available. New workloads do not wait for builds, but for images
    // that must be pulled: an image that exists nowhere fails before anything is applied.
    await (isAllNew(plan) ? supplying.fetched : supplying.ended)
    const deployBegan = performance.now()
    const deploying = {
      kube,
      streams,
      timeoutMs,
      signal,
      clock: ctx.clock,
      onEvent: hooks.onEvent,
      images: supplying.arrived,
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
    const writes = plan.actions.filter((action) => !writesNothing(action)).length
    return { desired: prepared.desired, changes: writes + supplied.filter(({ built }) => built).length, notes, steps }
  }

  const all = async (signal: AbortSignal) => apply(await prepareAll(signal), signal)
  return {
    all,
    prepare: prepareAll,
    apply,
    async service(name, signal) {
      const { prepared, ...rest } = await prepareAll(signal)
      const plan = limitedToService(prepared.plan, name, rest.works)
      const { steps } = await apply({ ...rest, prepared: { ...prepared, plan } }, signal)
      return steps.filter(({ ms }) => ms >= 1)
    },
  }
}
