import type { Kube } from '../kube/api.ts'
import { newestReady } from '../kube/newest-ready.ts'
import type { ContainerStatus, Pod } from '../kube/pod.ts'
import { containersOfService, servicesOf } from '../kube/pod-services.ts'
import { labels } from '../lib/keys.ts'
import type { SyncTarget } from '../sync/syncer.ts'

/** A container that should run and does not: it crashed, cannot start, or ended although Kubernetes restarts it. */
export interface BrokenContainer {
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string }
  readonly container: string
  readonly restarts: number
  /** Of the run that ended; undefined when the container never started. */
  readonly containerId: string | undefined
  /** Of the last run; undefined when the container never ran. 0 is no crash. */
  readonly exitCode: number | undefined
  /** The kubelet's reason: CrashLoopBackOff, ImagePullBackOff, OOMKilled. */
  readonly reason: string
  /** It has run before, and its controller creates an equal pod when this one is deleted. False for pods of Jobs. */
  readonly replaceable: boolean
}

/** The current pods of each service or external. Pods that are being deleted do not count. */
export interface PodTracker {
  /** The pod that connections go to. */
  newestReady(service: string): Pod | undefined
  /** The running containers of the service's own image. */
  running(service: string): readonly SyncTarget[]
  /** The containers of the service's own image that should run and do not. */
  broken(service: string): readonly BrokenContainer[]
  /**
   * Calls `onChange` with the name of each service whose pods changed in any way. Returns the function that ends this.
   */
  subscribe(onChange: (service: string) => void): () => void
}

/** Which pods to follow. */
export interface TrackOptions {
  readonly project: string
  /** The container that the configuration names, by service. */
  readonly containers: Readonly<Record<string, string | undefined>>
}

/**
 * Follows the pods of all services and externals of a project until the signal. Returns at once; the tracker fills when
 * the watch has started.
 */
export function trackPods(kube: Pick<Kube, 'watch'>, options: TrackOptions, signal: AbortSignal): PodTracker {
  const all = new Map<string, Pod>()
  const listeners = new Set<(service: string) => void>()
  const notify = (services: Iterable<string>) => {
    for (const service of new Set(services)) for (const listener of listeners) listener(service)
  }
  const keyOf = (pod: Pod) => pod.metadata.uid ?? `${pod.metadata.namespace}/${pod.metadata.name}`

  // The watch lists again by itself after it was interrupted, and never rejects.
  void kube.watch(
    { apiVersion: 'v1', kind: 'Pod' },
    { labels: `${labels.project}=${options.project}`, signal },
    (event) => {
      if (event.type === 'SYNCED') {
        const before = [...all.values()].flatMap(unitsOf)
        all.clear()
        for (const pod of event.objects as readonly Pod[]) all.set(keyOf(pod), pod)
        return notify([...before, ...[...all.values()].flatMap(unitsOf)])
      }
      const pod = event.object as Pod
      if (event.type === 'DELETED') all.delete(keyOf(pod))
      else all.set(keyOf(pod), pod)
      notify(unitsOf(pod))
    },
  )

  const podsOf = (service: string) =>
    [...all.values()].filter((pod) => unitsOf(pod).includes(service) && pod.metadata.deletionTimestamp === undefined)
  const containersOf = (service: string) =>
    podsOf(service).flatMap((pod) => {
      const names =
        containersOfService(pod, service) ??
        ownContainers(pod, `${options.project}/${service}`, options.containers[service])
      const statuses = (pod.status?.containerStatuses ?? []) as readonly StatusWithId[]
      return statuses.filter((status) => names.includes(status.name)).map((status) => ({ pod, status }))
    })

  return {
    newestReady: (service) => newestReady(podsOf(service)),
    running: (service) =>
      containersOf(service).flatMap(({ pod, status }) => {
        const containerId = bareId(status.containerID)
        const node = pod.spec?.nodeName
        if (!status.state?.running || containerId === undefined || node === undefined) return []
        return [{ service, pod: podRef(pod), container: status.name, containerId, node }]
      }),
    broken: (service) => containersOf(service).flatMap(({ pod, status }) => brokenOf(pod, status) ?? []),
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
  }
}

type StatusWithId = ContainerStatus & { containerID?: string }

/** The services of a pod, or its external. */
function unitsOf(pod: Pod): string[] {
  const external = pod.metadata.labels?.[labels.external]
  return external === undefined ? servicesOf(pod) : [external]
}

/** The configured container, or those that run the service's own image, or the first. */
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
  // A container that starts for the first time is waiting as well (ContainerCreating), which is no failure.
  const failing = waiting?.reason !== undefined && /BackOff|Err|Invalid|Failed/.test(waiting.reason)
  if (running || (!terminated && !failing && !(waiting && restarts > 0))) return undefined
  // A run that succeeded is the end of a pod of a Job. For any other pod, the kubelet starts the container again, and
  // only its back-off means that the container does not stay.
  if (last?.exitCode === 0 && !(failing && isRestarted(pod))) return undefined
  const { uid = '' } = pod.metadata
  return {
    pod: { ...podRef(pod), uid },
    container: status.name,
    restarts,
    containerId: bareId(status.containerID),
    exitCode: last?.exitCode,
    reason: terminated?.reason ?? waiting?.reason ?? 'unknown',
    replaceable: last !== undefined && isRestarted(pod),
  }
}

/**
 * Whether the pod is meant to run forever, and a controller replaces it when it is deleted. A pod that may end is the
 * only record of one run: its logs, and whether the Job has to run once more.
 */
function isRestarted({ metadata, spec }: Pod): boolean {
  const { restartPolicy = 'Always' } = (spec ?? {}) as { restartPolicy?: string }
  return restartPolicy === 'Always' && (metadata.ownerReferences ?? []).some((owner) => owner.controller)
}

function podRef(pod: Pod) {
  return { namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name }
}

function bareId(id: string | undefined): string | undefined {
  return id?.replace(/^[^:]*:\/\//, '') || undefined
}
