import { type Kube, type KubeObject, refOf } from '../kube/api.ts'
import { conditionOf, type Pod } from '../kube/pod.ts'
import { waitUntil } from '../lib/wait.ts'
import { applyPlan } from '../stack/apply.ts'
import { deletionOf } from '../stack/plan.ts'
import { podsOf } from '../stack/ready/assess.ts'

/** How long to wait for the controller of the StatefulSet. */
export interface UnstickOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Deletes the pods of a StatefulSet that are neither ready nor of its newest revision. Its controller waits for such a
 * pod before it goes on, and never replaces it, so that a rollback alone would never complete
 * (kubernetes/kubernetes#67250). Other kinds need nothing.
 * Throws NOT_READY, KUBE_API.
 */
export async function unstick(kube: Kube, workload: KubeObject, { timeoutMs, signal }: UnstickOptions): Promise<void> {
  if (workload.kind !== 'StatefulSet') return
  let current = workload
  const isObserved = async () => {
    current = (await kube.get(refOf(workload), signal)) ?? current
    const { observedGeneration = 0 } = (current.status ?? {}) as { observedGeneration?: number }
    const generation = workload.metadata.generation ?? 0
    return observedGeneration >= generation ? undefined : 'its controller has not observed the change yet'
  }
  await waitUntil(isObserved, { what: workload.metadata.name, timeoutMs, intervalMs: 100, signal })
  const { updateRevision } = (current.status ?? {}) as { updateRevision?: string }
  const namespace = workload.metadata.namespace ?? 'default'
  const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, signal })) as Pod[]
  const stuck = podsOf(current, pods).filter(
    (pod) =>
      pod.metadata.labels?.['controller-revision-hash'] !== updateRevision &&
      conditionOf(pod, 'Ready')?.status !== 'True',
  )
  await applyPlan({ actions: stuck.map(deletionOf) }, { kube, signal, patienceMs: 0 })
}
