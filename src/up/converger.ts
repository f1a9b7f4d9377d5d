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

export interface Outcome {
  readonly desired: Desired
  /** Objects written or deleted, and images built. */
  readonly changes: number
  /** What was done in another way than the manifests say. */
  readonly notes: readonly string[]
}

/** Brings cluster and source in step; one instance serves `up`, each save and each redeploy. */
export interface Converge {
  all(signal: AbortSignal): Promise<Outcome>
  /** Its first half, which reads only. */
  prepare(signal: AbortSignal): Promise<Preparation>
  /** Its second half. */
  apply(preparation: Preparation, signal: AbortSignal): Promise<Outcome>
  /** Builds, loads and applies one service. What else differs in the stack stays as it is. Returns how long each step took. */
  service(name: string, signal: AbortSignal): Promise<readonly StepTime[]>
}

export interface ConvergeOptions {
  readonly config: LoadedConfig
  readonly platform: Platform
  /** The manifests as they are now. */
  readonly manifests: () => Manifests
  readonly timeoutMs: number
  /** Services and externals to care for; the others are left as they are. undefined: all. */
  readonly only: ReadonlySet<string> | undefined
  /** Refuse what could never start on these nodes. */
  readonly fit: boolean
  /** Who issues certificates; undefined: nobody. */
  readonly certifier: Certifier | undefined
  readonly hooks: ConvergeHooks
}

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
    // What runs changes only when all of it can. What is new does not wait for builds; an image that exists nowhere stops it all.
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
