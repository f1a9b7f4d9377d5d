import type { Kube } from '../kube/api.ts'
import { newestReady } from '../kube/newest-ready.ts'
import type { ContainerStatus, Pod } from '../kube/pod.ts'
import { labels } from '../lib/keys.ts'
import type { SyncTarget } from '../sync/syncer.ts'

/** A container that does not run and was not asked to end: it crashed, or cannot start. */
export interface BrokenContainer {
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string }
  readonly container: string
  readonly restarts: number
  /** Of the run that ended; undefined when none ever began. */
  readonly containerId: string | undefined
  readonly exitCode: number | undefined
  /** In the kubelet's words: CrashLoopBackOff, ImagePullBackOff, OOMKilled. */
  readonly reason: string
  /** It has run, and when its pod is deleted another one is made. */
  readonly replaceable: boolean
}

/** The services' pods as they are now; pods on their way out are left out. */
export interface PodTracker {
  pods(service: string): readonly Pod[]
  /** The pod to talk to. */
  newestReady(service: string): Pod | undefined
  /** The containers of the service's own image that run. */
  running(service: string): readonly SyncTarget[]
  broken(service: string): readonly BrokenContainer[]
  /** Calls back with the service whose pods changed in any way; gives what ends it. */
  subscribe(onChange: (service: string) => void): () => void
}

export interface TrackOptions {
  readonly project: string
  /** Container names that the configuration gives, by service. */
  readonly containers: Readonly<Record<string, string | undefined>>
}

/** Follows the pods of all services of a project until the signal. */
export function trackPods(kube: Pick<Kube, 'watch'>, options: TrackOptions, signal: AbortSignal): PodTracker {
  const all = new Map<string, Pod>()
  const listeners = new Set<(service: string) => void>()
  const unitOf = ({ metadata }: Pod) => metadata.labels?.[labels.service] ?? metadata.labels?.[labels.external]
  const tell = (services: Iterable<string | undefined>) => {
    for (const service of new Set(services))
      if (service !== undefined) for (const listener of listeners) listener(service)
  }
  const keyOf = (pod: Pod) => pod.metadata.uid ?? `${pod.metadata.namespace}/${pod.metadata.name}`

  // The watch re-lists by itself after any break and never rejects.
  void kube.watch(
    { apiVersion: 'v1', kind: 'Pod' },
    { labels: `${labels.project}=${options.project}`, signal },
    (event) => {
      if (event.type === 'SYNCED') {
        const before = [...all.values()].map(unitOf)
        all.clear()
        for (const pod of event.objects as readonly Pod[]) all.set(keyOf(pod), pod)
        return tell([...before, ...[...all.values()].map(unitOf)])
      }
      const pod = event.object as Pod
      if (event.type === 'DELETED') all.delete(keyOf(pod))
      else all.set(keyOf(pod), pod)
      tell([unitOf(pod)])
    },
  )

  const podsOf = (service: string) =>
    [...all.values()].filter((pod) => unitOf(pod) === service && pod.metadata.deletionTimestamp === undefined)
  const containersOf = (service: string) =>
    podsOf(service).flatMap((pod) => {
      const names = ownContainers(pod, `${options.project}/${service}`, options.containers[service])
      const statuses = (pod.status?.containerStatuses ?? []) as readonly StatusWithId[]
      return statuses.filter((status) => names.includes(status.name)).map((status) => ({ pod, status }))
    })

  return {
    pods: podsOf,
    newestReady: (service) => newestReady(podsOf(service)),
    running: (service) =>
      containersOf(service).flatMap(({ pod, status }) => {
        const containerId = bareId(status.containerID)
        const node = pod.spec?.nodeName
        if (!status.state?.running || containerId === undefined || node === undefined) return []
        return [{ service, pod: placeOf(pod), container: status.name, containerId, node }]
      }),
    broken: (service) => containersOf(service).flatMap(({ pod, status }) => brokenOf(pod, status) ?? []),
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
  }
}

type StatusWithId = ContainerStatus & { containerID?: string }

/** The configured container, else those that run the service's own image, else the first. */
function ownContainers(pod: Pod, repository: string, configured: string | undefined): readonly string[] {
  if (configured !== undefined) return [configured]
  const containers = pod.spec?.containers ?? []
  const own = containers.filter(({ image = '' }) => image.replace(/[:@][^/]*$/, '').endsWith(`/${repository}`))
  return (own.length > 0 ? own : containers.slice(0, 1)).map((container) => container.name)
}

function brokenOf(pod: Pod, status: StatusWithId): BrokenContainer | undefined {
  const { waiting, running, terminated } = status.state ?? {}
  const restarts = status.restartCount ?? 0
  const last = terminated ?? status.lastState?.terminated
  // A first start waits as well (ContainerCreating): that is no failure.
  const failing = waiting?.reason !== undefined && /BackOff|Err|Invalid|Failed/.test(waiting.reason)
  if (running || (!terminated && !failing && !(waiting && restarts > 0))) return undefined
  const { uid = '' } = pod.metadata
  return {
    pod: { ...placeOf(pod), uid },
    container: status.name,
    restarts,
    containerId: bareId(status.containerID),
    exitCode: last?.exitCode,
    reason: terminated?.reason ?? waiting?.reason ?? 'unknown',
    replaceable: last !== undefined && (pod.metadata.ownerReferences ?? []).some((owner) => owner.controller),
  }
}

function placeOf(pod: Pod) {
  return { namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name }
}

function bareId(id: string | undefined): string | undefined {
  return id?.replace(/^[^:]*:\/\//, '') || undefined
}
