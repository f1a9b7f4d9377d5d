import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, nameOf, refOf } from '../kube/api.ts'
import { waitUntil } from '../lib/wait.ts'
import { applyPlan } from '../stack/apply.ts'
import { type Plan, patchOf } from '../stack/plan.ts'

/** How far an Argo Rollout has come. */
export interface Promotion {
  /** Whether it waits for a promotion. */
  readonly waits: boolean
  /** The number of completed canary steps, and of all of them; both 0 for blue-green. */
  readonly step: number
  readonly steps: number
  /** Percent of the requests that the new version gets if a router divides them, otherwise of the pods. */
  readonly weight: number
}

interface CanaryStep {
  readonly setWeight?: number
}

/** How far a Rollout has come; undefined for another kind. Pure. */
export function promotionOf({ kind, spec, status }: KubeObject): Promotion | undefined {
  if (kind !== 'Rollout') return undefined
  const { strategy } = (spec ?? {}) as { strategy?: { canary?: { steps?: readonly CanaryStep[] } } }
  const { phase, currentStepIndex = 0 } = (status ?? {}) as { phase?: string; currentStepIndex?: number }
  const steps = strategy?.canary?.steps ?? []
  const waits = phase === 'Paused'
  const reached = steps.slice(0, currentStepIndex).flatMap(({ setWeight }) => setWeight ?? [])
  return { waits, step: currentStepIndex, steps: steps.length, weight: waits ? (reached.at(-1) ?? 0) : 100 }
}

/** `waits to be promoted (step 1 of 2, 34 %)`; undefined for a workload that does not wait. Pure. */
export function promotionNote(workload: KubeObject): string | undefined {
  const found = promotionOf(workload)
  if (found?.waits !== true) return undefined
  const { step, steps, weight } = found
  return steps === 0 ? 'waits to be promoted' : `waits to be promoted (step ${step} of ${steps}, ${weight} %)`
}

/**
 * Promotes a Rollout that waits, to its next pause or, with `full`, to its end, and waits until its controller has
 * started on it.
 * Returns the Rollout as it is then; undefined if it did not wait.
 * Throws USAGE for another kind, COMMAND_FAILED for a Rollout that was aborted, and NOT_READY if the controller does
 * not react.
 */
export async function promote(
  kube: Kube,
  rollout: KubeObject,
  { full, signal }: { readonly full: boolean; readonly signal: AbortSignal },
): Promise<KubeObject | undefined> {
  const before = requirePromotion(rollout)
  if (!before.waits) return undefined
  await applyPlan(planPromotion(rollout, full), { kube, signal, patienceMs: 0 })
  let current = rollout
  const check = async () => {
    current = (await kube.get(refOf(rollout), signal)) ?? current
    const now = promotionOf(current)
    return now?.waits === true && now.step === before.step
      ? 'its controller has not observed the promotion yet'
      : undefined
  }
  await waitUntil(check, { what: nameOf(rollout), timeoutMs: 60_000, signal })
  return current
}

function requirePromotion(rollout: KubeObject): Promotion {
  const found = promotionOf(rollout)
  if (found === undefined) {
    throw new DevkError('USAGE', `${nameOf(rollout)} cannot be promoted, because it is not a Rollout`, {
      hint: 'To move a Service to another colour, use devk switch.',
    })
  }
  const { abort, message = '' } = (rollout.status ?? {}) as { abort?: boolean; message?: string }
  if (abort !== true) return found
  throw new DevkError('COMMAND_FAILED', `${nameOf(rollout)} was aborted: ${message}`, {
    hint: 'Fix the new version and run devk up, or go back to the old version with devk rollback.',
  })
}

/** The same patches as those of Argo's kubectl plugin. Pure. */
function planPromotion(rollout: KubeObject, full: boolean): Plan {
  const { paused } = (rollout.spec ?? {}) as { paused?: boolean }
  const status = { pauseConditions: null, ...(full ? { promoteFull: true } : {}) }
  const resume = paused === true ? [patchOf(rollout, { spec: { paused: false } })] : []
  return { actions: [...resume, patchOf(rollout, { status }, 'status')] }
}
