import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, nameOf, refOf } from '../kube/api.ts'
import { waitUntil } from '../lib/wait.ts'

/** Where a Rollout of Argo stands. */
export interface Promotion {
  /** Whether it waits for somebody to let it go on. */
  readonly waits: boolean
  /** Canary steps that are done, and all of them; both 0 for blue-green. */
  readonly step: number
  readonly steps: number
  /** Percent that the new version has: of the requests where something shares them out, else of the pods. */
  readonly weight: number
}

interface CanaryStep {
  readonly setWeight?: number
}

/** Where a Rollout stands; undefined for another kind. Pure. */
export function promotionOf({ kind, spec, status }: KubeObject): Promotion | undefined {
  if (kind !== 'Rollout') return undefined
  const { strategy } = (spec ?? {}) as { strategy?: { canary?: { steps?: readonly CanaryStep[] } } }
  const { phase, currentStepIndex = 0 } = (status ?? {}) as { phase?: string; currentStepIndex?: number }
  const steps = strategy?.canary?.steps ?? []
  const waits = phase === 'Paused'
  const reached = steps.slice(0, currentStepIndex).flatMap(({ setWeight }) => setWeight ?? [])
  return { waits, step: currentStepIndex, steps: steps.length, weight: waits ? (reached.at(-1) ?? 0) : 100 }
}

/** `waits to be promoted (step 1 of 2, 34 %)`; undefined for what does not wait. Pure. */
export function promotionNote(workload: KubeObject): string | undefined {
  const found = promotionOf(workload)
  if (found?.waits !== true) return undefined
  const { step, steps, weight } = found
  return steps === 0 ? 'waits to be promoted' : `waits to be promoted (step ${step} of ${steps}, ${weight} %)`
}

/**
 * Lets a Rollout that waits go on to its next pause, or to its end with `full`, as Argo's own plugin does, and waits until its
 * controller has taken that up. False when it did not wait. Throws USAGE for another kind, COMMAND_FAILED for a Rollout that was
 * aborted, and NOT_READY when the controller does not take it up.
 */
export async function promote(
  kube: Kube,
  rollout: KubeObject,
  { full, signal }: { readonly full: boolean; readonly signal: AbortSignal },
): Promise<boolean> {
  const before = promotionOf(rollout)
  if (before === undefined) {
    throw new DevkError('USAGE', `${nameOf(rollout)} is not a Rollout, so nothing of it waits to be promoted`, {
      hint: 'devk switch moves a Service from one colour to another.',
    })
  }
  const { abort, message = '' } = (rollout.status ?? {}) as { abort?: boolean; message?: string }
  if (abort === true) {
    throw new DevkError('COMMAND_FAILED', `${nameOf(rollout)} was aborted: ${message}`, {
      hint: 'Mend its new version and run devk up, or take it back with devk rollback.',
    })
  }
  if (!before.waits) return false
  const ref = refOf(rollout)
  if ((rollout.spec as { paused?: boolean } | undefined)?.paused === true) {
    await kube.patch(ref, { spec: { paused: false } }, signal)
  }
  const status = { pauseConditions: null, ...(full ? { promoteFull: true } : {}) }
  await kube.patch(ref, { status }, signal, 'status')
  const check = async () => {
    const now = await kube.get(ref, signal)
    const stands = now && promotionOf(now)
    return stands?.waits === true && stands.step === before.step ? 'its controller has not taken it up' : undefined
  }
  await waitUntil(check, { what: nameOf(rollout), timeoutMs: 60_000, signal })
  return true
}
