import type { LoadedConfig } from '../../config/schema.ts'
import type { DevkError } from '../../errors.ts'
import { inParallel } from '../../lib/parallel.ts'
import type { StepTime } from '../../loop/save-time.ts'
import type { FailedBuild } from '../../loop/session.ts'
import type { Desired } from '../../stack/desired/desired.ts'
import type { Plan } from '../../stack/plan.ts'
import type { WatchWarning } from '../../watch/warnings.ts'
import type { Converge, Outcome } from '../converger.ts'
import { anyway, type Supplied, untilUnchanged } from '../images/supply.ts'
import type { ImageWork } from '../images/work.ts'
import { limitedToServices, without } from '../limit.ts'
import { turns } from './turns.ts'

/** The changes of the loop to the cluster. */
export interface LiveChanges {
  /**
   * Renders and applies everything, with new images of all services except `held`. A service whose image cannot be
   * built keeps the one that it runs, and is part of the result.
   */
  redeploy(held: ReadonlySet<string>, signal: AbortSignal): Promise<Redeployed>
  /**
   * Builds, loads and applies one service and those that are built from it, and waits until they are ready. Returns how
   * long each step took.
   */
  rebuild(service: string, signal: AbortSignal): Promise<readonly StepTime[]>
}

/** What a redeploy did. */
export interface Redeployed {
  readonly outcome: Outcome
  readonly failed: readonly FailedBuild[]
}

/** What the changes act through. */
export interface LiveChangesDeps {
  readonly converge: Pick<Converge, 'prepare' | 'apply'>
  /** The configuration as it is now. */
  config(): LoadedConfig
  /** Names of all services and externals with an image. */
  owners(): readonly string[]
  /** The image of one of them, named after its sources as they are now. */
  work(owner: string, signal: AbortSignal): Promise<ImageWork | undefined>
  /** Builds or pulls an image, and brings it to the nodes. */
  supply(work: ImageWork, signal: AbortSignal): Promise<Supplied>
  /** Called when a redeploy is applied, before it waits for what is not ready. */
  onApplied(desired: Desired): Promise<void>
  /** Reports that a rebuild did not use the manifests as they are now. */
  warn(warning: WatchWarning): void
  /** The images that the running stack was made from. */
  readonly running: readonly ImageWork[]
}

/** An image that the nodes have, and the number of the reading of the sources that it was made from. */
interface Available {
  readonly work: ImageWork
  readonly reading: number
}

const buildsAtOnce = 2

/**
 * The one queue of the loop's changes to the cluster. Images are built before a change enters it, so that nobody waits
 * for the build of somebody else. A change compares and applies in its turn, with the newest image of each service, so
 * that an older one never replaces a newer one. It waits for readiness after its turn.
 */
export function liveChanges(deps: LiveChangesDeps): LiveChanges {
  const { converge } = deps
  const queue = turns()
  const available = new Map<string, Available>(deps.running.map((work) => [work.owner, { work, reading: 0 }]))
  let readings = 0

  const bring = (owner: string, signal: AbortSignal): Promise<Supplied> => {
    return untilUnchanged(async (isLast) => {
      readings += 1
      const reading = readings
      const work = await deps.work(owner, signal)
      const known = available.get(owner)
      if (work === undefined || (known?.work.reference === work.reference && !work.request?.noCache)) return nothing
      const supplied = await deps.supply(isLast ? anyway(work) : work, signal)
      if ((available.get(owner)?.reading ?? -1) < reading) available.set(owner, { work, reading })
      return supplied
    })
  }

  /** Compares and applies in one turn; resolves when what was applied is ready. */
  const change = async (limit: (plan: Plan, works: readonly ImageWork[]) => Plan, options: ChangeOptions) => {
    const { signal, givesWay } = options
    for (;;) {
      const interrupted = new AbortController()
      const either = AbortSignal.any([signal, interrupted.signal])
      const endTurn = await queue.take(signal, givesWay ? () => interrupted.abort() : undefined)
      try {
        const owners = new Set(deps.owners())
        const works = [...available.values()].map(({ work }) => work).filter(({ owner }) => owners.has(owner))
        const { prepared, ...rest } = await converge.prepare(either, {
          works,
          config: deps.config(),
          onMistake: options.onMistake,
        })
        const plan = limit(prepared.plan, rest.works)
        let following: Promise<void> | undefined
        const onApplied = () => {
          endTurn()
          following ??= options.onApplied?.(prepared.desired)
          // It is thrown below, unless the wait for readiness fails first.
          following?.catch(() => {})
        }
        const present = new Set(works.map(({ reference }) => reference))
        const outcome = await converge.apply({ ...rest, prepared: { ...prepared, plan } }, either, {
          present,
          onApplied,
        })
        onApplied()
        await following
        return outcome
      } catch (error) {
        if (!interrupted.signal.aborted || signal.aborted) throw error
      } finally {
        endTurn()
      }
    }
  }

  return {
    async redeploy(held, signal) {
      const failed: FailedBuild[] = []
      const owners = deps.owners().filter((owner) => !held.has(owner))
      await inParallel(owners, buildsAtOnce, async (service) => {
        await bring(service, signal).catch((error: unknown) => {
          signal.throwIfAborted()
          failed.push({ service, error })
        })
      })
      // A service that never had an image has nothing to run.
      const imageless = new Set(deps.owners().filter((owner) => !available.has(owner)))
      const outcome = await change((plan) => without(plan, imageless), {
        signal,
        givesWay: true,
        onApplied: deps.onApplied,
      })
      return { outcome, failed }
    },
    async rebuild(service, signal) {
      const built = [service, ...dependantsOf(service, available)]
      let [buildMs, loadMs] = [0, 0]
      for (const owner of built) {
        const supplied = await bring(owner, signal)
        buildMs += supplied.buildMs
        loadMs += supplied.loadMs
      }
      const { steps } = await change((plan, works) => limitedToServices(plan, new Set(built), works), {
        signal,
        givesWay: false,
        onMistake: (error) => deps.warn(mistakeWarning(service, error)),
      })
      const own: StepTime[] = [
        { name: 'built', ms: buildMs },
        { name: 'loaded', ms: loadMs },
      ]
      return [...own, ...steps.filter(({ name }) => name === 'ready')].filter(({ ms }) => ms >= 1)
    },
  }
}

/** The services whose images are built from a service's, directly or not. */
function dependantsOf(service: string, available: ReadonlyMap<string, Available>): string[] {
  const isBuiltFrom = ({ bases = [] }: ImageWork): boolean =>
    bases.some((base) => base.owner === service || isBuiltFrom(base))
  return [...available].flatMap(([owner, { work }]) => (isBuiltFrom(work) ? owner : []))
}

function mistakeWarning(service: string, { message, details }: DevkError): WatchWarning {
  return {
    message: [message, ...details].join('\n'),
    hint: `Applied ${service} with the last manifests and .env files without a mistake. Correct the file and save it.`,
  }
}

interface ChangeOptions {
  readonly signal: AbortSignal
  /** Begin again later when another change waits: this one may have to wait for what the other one repairs. */
  readonly givesWay: boolean
  /** Called once, when everything is applied. */
  readonly onApplied?: (desired: Desired) => Promise<void>
  /** Absent: a mistake in the manifests fails the change. */
  readonly onMistake?: (error: DevkError) => void
}

const nothing: Supplied = { built: false, via: 'none', buildMs: 0, loadMs: 0 }
