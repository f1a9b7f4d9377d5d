import type { Kube, KubeObject } from '../../kube/api.ts'
import { nameOf, refOf } from '../../kube/api.ts'
import type { KubeEvent, Pod } from '../../kube/pod.ts'
import { waitUntil } from '../../lib/wait.ts'
import { assess } from './assess.ts'
import { trials } from './trial.ts'

export interface RolloutOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Called with each new reason why it is not there yet. */
  readonly onReason?: (reason: string) => void
}

/**
 * Waits until a workload that was just changed has come to rest: its controller has seen the change, every pod is of the new
 * revision, runs its images and is ready. Throws NOT_READY with the reason in the words of what failed.
 */
export function untilRolledOut(kube: Kube, workload: KubeObject, options: RolloutOptions): Promise<void> {
  const { signal } = options
  const ref = refOf(workload)
  const namespace = workload.metadata.namespace ?? 'default'
  const shaky = trials(Date.now, () => {})
  const check = async () => {
    const [current, pods, events] = await Promise.all([
      kube.get(ref, signal),
      kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, signal }),
      kube.list({ apiVersion: 'v1', kind: 'Event' }, { namespace, signal }),
    ])
    if (current === undefined) return 'it is gone'
    const around = { pods: pods as Pod[], events: events as KubeEvent[], logs: new Map(), trials: shaky }
    const state = assess(current, around)
    return state.ready ? undefined : state.reason
  }
  return waitUntil(check, { what: nameOf(workload), ...options })
}
