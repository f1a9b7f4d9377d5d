import { type Kube, type KubeObject, refOf } from '../kube/api.ts'
import { conditionOf, type Pod } from '../kube/pod.ts'
import { waitUntil } from '../lib/wait.ts'
import { podsOf } from '../stack/ready/assess.ts'

export interface UnstickOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Deletes the pods of a StatefulSet that are not ready and not of its newest revision. Its controller waits for such a pod
 * before it goes on, and never replaces it, so that a rollback alone would not end (kubernetes/kubernetes#67250).
 */
export async function unstick(kube: Kube, workload: KubeObject, { timeoutMs, signal }: UnstickOptions): Promise<void> {
  if (workload.kind !== 'StatefulSet') return
  let current = workload
  const seen = async () => {
    current = (await kube.get(refOf(workload), signal)) ?? current
    const { observedGeneration } = (current.status ?? {}) as { observedGeneration?: number }
    const isSeen = (observedGeneration ?? 0) >= (workload.metadata.generation ?? 0)
    return isSeen ? undefined : 'its controller has not seen the change yet'
  }
  await waitUntil(seen, { what: workload.metadata.name, timeoutMs, intervalMs: 100, signal })
  const { updateRevision } = (current.status ?? {}) as { updateRevision?: string }
  const namespace = workload.metadata.namespace ?? 'default'
  const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, signal })) as Pod[]
  const stuck = podsOf(current, pods).filter(
    (pod) =>
      pod.metadata.labels?.['controller-revision-hash'] !== updateRevision &&
      conditionOf(pod, 'Ready')?.status !== 'True',
  )
  for (const { metadata } of stuck) {
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name: metadata.name }
    await kube.delete(ref, { uid: metadata.uid ?? '', propagation: 'Background', signal })
  }
}
