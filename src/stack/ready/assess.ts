import type { KubeObject } from '../../kube/api.ts'
import { explainController, explainPod, trimRejection } from '../../kube/explain.ts'
import type { KubeEvent, Pod } from '../../kube/pod.ts'
import { type Readiness, readiness } from '../../kube/ready.ts'
import type { Trials } from './trial.ts'

/** What is known of the cluster around a project's workloads. */
export interface Surroundings {
  readonly pods: readonly Pod[]
  /** Warnings of the last hour, of any object. */
  readonly events: readonly KubeEvent[]
  /** Last log lines of ended containers, by pod UID and container. */
  readonly logs: ReadonlyMap<string, readonly string[]>
  readonly trials: Trials
}

/** Key of a container's last log lines. */
export function logKey(pod: Pod, container: string): string {
  return `${pod.metadata.uid}/${container}`
}

/** Whether an object is ready; when it is not, its own words are followed by those of the first pod that knows more. */
export function assess(object: KubeObject, around: Surroundings): Readiness {
  const pods = podsOf(object, around.pods)
  const own = readiness(object, pods)
  if (own.ready) {
    const shaky = pods.flatMap((pod) => around.trials.doubted(pod) ?? [])
    const [first] = shaky
    if (first === undefined) return own
    const started = `${first.metadata.name} has just started, and has no readiness probe`
    return { ready: false, reason: podReason(shaky, around)?.words ?? started }
  }
  const deeper = podReason(pods, around) ?? controllerReason(object, around)
  const reason =
    deeper === undefined
      ? trimRejection(own.reason)
      : object.kind === 'Pod'
        ? deeper.words
        : `${own.reason}; ${deeper.words}`
  return { ...own, reason }
}

/** The pods of a workload that are not on their way out, newest first. */
export function podsOf(object: KubeObject, pods: readonly Pod[]): Pod[] {
  if (object.kind === 'Pod') return [object as Pod]
  const { selector } = (object.spec ?? {}) as { selector?: { matchLabels?: Record<string, string> } }
  const wanted = Object.entries(selector?.matchLabels ?? {})
  const mine = pods.filter(({ metadata }) => {
    if (metadata.deletionTimestamp !== undefined || metadata.namespace !== object.metadata.namespace) return false
    const owned = metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid)
    return owned || (wanted.length > 0 && wanted.every(([key, value]) => metadata.labels?.[key] === value))
  })
  return mine.sort((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1))
}

function podReason(pods: readonly Pod[], { events, logs }: Surroundings): { words: string } | undefined {
  for (const pod of pods) {
    const own = events.filter(({ involvedObject }) => involvedObject?.uid === pod.metadata.uid)
    const names = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map(({ name }) => name)
    const lines = Object.fromEntries(names.map((name) => [name, logs.get(logKey(pod, name)) ?? []]))
    const words = explainPod({ pod, events: own, logs: lines })
    if (words !== undefined) return { words: `${pod.metadata.name} ${words}` }
  }
  return undefined
}

function controllerReason(object: KubeObject, { events }: Surroundings): { words: string } | undefined {
  const own = events.filter(({ involvedObject }) => involvedObject?.uid === object.metadata.uid)
  const words = explainController(own)
  return words === undefined ? undefined : { words }
}
