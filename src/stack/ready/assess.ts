import type { KubeObject, ObjectMeta } from '../../kube/api.ts'
import { explainController, explainPod, trimRejection } from '../../kube/explain.ts'
import type { KubeEvent, Pod } from '../../kube/pod.ts'
import { type Readiness, readiness } from '../../kube/ready.ts'
import type { Trials } from './trial.ts'

/** What the cluster says about workloads besides their own status. */
export interface Evidence {
  readonly pods: readonly Pod[]
  /** Warnings about any object. The API server keeps them for an hour. */
  readonly events: readonly KubeEvent[]
  /** Last log lines of ended containers, by `logKey`. */
  readonly logs: ReadonlyMap<string, readonly string[]>
  readonly trials: Trials
}

/** Key of a container's last log lines in `Evidence.logs`. */
export function logKey(pod: Pod, container: string): string {
  return `${pod.metadata.uid}/${container}`
}

/**
 * Whether an object is ready. If it is not, the reason is that of the object's own status, followed by that of the
 * first pod, or of the controller's events, where these say more. Pure.
 */
export function assess(object: KubeObject, evidence: Evidence): Readiness {
  const pods = podsOf(object, evidence.pods)
  const own = readiness(object, pods)
  if (own.ready) {
    const onTrial = pods.flatMap((pod) => evidence.trials.unproven(pod) ?? [])
    const [first] = onTrial
    if (first === undefined) return own
    const started = `${first.metadata.name} has just started and has no readiness probe`
    return { ready: false, reason: podReason(onTrial, evidence) ?? started }
  }
  const cause = podReason(pods, evidence) ?? controllerReason(object, evidence)
  if (cause === undefined) return { ...own, reason: trimRejection(own.reason) }
  return { ...own, reason: object.kind === 'Pod' ? cause : `${own.reason}; ${cause}` }
}

/** The pods of a workload that are not being deleted, newest first; for a Pod, itself. */
export function podsOf(object: KubeObject, pods: readonly Pod[]): Pod[] {
  if (object.kind === 'Pod') return [object as Pod]
  const { selector } = (object.spec ?? {}) as { selector?: { matchLabels?: Record<string, string> } }
  const wanted = Object.entries(selector?.matchLabels ?? {})
  const mine = pods.filter(({ metadata }) => {
    if (metadata.deletionTimestamp !== undefined || metadata.namespace !== object.metadata.namespace) return false
    const controller = metadata.ownerReferences?.find(({ controller }) => controller === true)
    if (controller !== undefined) return isController(object, controller, metadata)
    const owned = metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid)
    return owned || (wanted.length > 0 && wanted.every(([key, value]) => metadata.labels?.[key] === value))
  })
  return mine.sort((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1))
}

/**
 * Whether a pod's controller is the workload, or a ReplicaSet of it. Labels alone do not tell: the pods of a workload
 * that was renamed have the labels of its successor.
 */
function isController(
  { kind, metadata: { uid, name } }: KubeObject,
  controller: NonNullable<ObjectMeta['ownerReferences']>[number],
  { labels = {} }: ObjectMeta,
): boolean {
  if (controller.uid === uid) return true
  const hash = labels['pod-template-hash'] ?? labels['rollouts-pod-template-hash']
  return controller.kind === 'ReplicaSet' && kind !== 'ReplicaSet' && controller.name === `${name}-${hash}`
}

function podReason(pods: readonly Pod[], { events, logs }: Evidence): string | undefined {
  for (const pod of pods) {
    const own = events.filter(({ involvedObject }) => involvedObject?.uid === pod.metadata.uid)
    const names = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map(({ name }) => name)
    const lines = Object.fromEntries(names.map((name) => [name, logs.get(logKey(pod, name)) ?? []]))
    const words = explainPod({ pod, events: own, logs: lines })
    if (words !== undefined) return `${pod.metadata.name} ${words}`
  }
  return undefined
}

function controllerReason(object: KubeObject, { events }: Evidence): string | undefined {
  const own = events.filter(({ involvedObject }) => involvedObject?.uid === object.metadata.uid)
  return explainController(own)
}
