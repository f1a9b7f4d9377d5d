import type { KubeObject } from '../../../src/kube/api.ts'
import type { Server } from './server.ts'

/** A container of a service that runs, as the API server tells. */
export interface RunningContainer {
  readonly pod: string
  readonly id: string
  readonly ready: boolean
  /** Wall clock (ms), in whole seconds. */
  readonly startedAt: number
}

interface Status {
  readonly ready: boolean
  readonly containerID?: string
  readonly state?: { readonly running?: { readonly startedAt: string } }
}

const podsOf = (project: string) => `/api/v1/namespaces/default/pods?labelSelector=devk.dev/project%3D${project}`

/** The running containers of a project, without those of pods that are being deleted. */
export async function runningIn(server: Server, project: string): Promise<RunningContainer[]> {
  return (await server.list(podsOf(project))).flatMap(runningOf)
}

/** What `watchReadiness` calls. */
export interface ReadinessHandlers {
  /** No pod is ready any more, or one is again. */
  onReady(isReady: boolean): void
  /** A pod is being deleted. */
  onLeaving(): void
}

/** Follows the pods of a project until the signal. */
export function watchReadiness(
  server: Server,
  project: string,
  { onReady, onLeaving }: ReadinessHandlers,
  signal: AbortSignal,
): Promise<void> {
  const ready = new Set<string>()
  const leaving = new Set<string>()
  const onPod = (pod: KubeObject, isDeleted: boolean) => {
    const { name, deletionTimestamp } = pod.metadata
    if ((isDeleted || deletionTimestamp !== undefined) && !leaving.has(name)) {
      leaving.add(name)
      onLeaving()
    }
    const before = ready.size
    if (!isDeleted && runningOf(pod).some((container) => container.ready)) ready.add(name)
    else ready.delete(name)
    if ((before === 0) !== (ready.size === 0)) onReady(ready.size > 0)
  }
  return server.watch(podsOf(project), onPod, signal)
}

function runningOf({ metadata, status }: KubeObject): RunningContainer[] {
  if (metadata.deletionTimestamp !== undefined) return []
  const { containerStatuses = [] } = (status ?? {}) as { containerStatuses?: readonly Status[] }
  return containerStatuses.flatMap(({ ready, containerID, state }) => {
    if (state?.running === undefined || containerID === undefined) return []
    const startedAt = Date.parse(state.running.startedAt)
    return [{ pod: metadata.name, id: containerID.replace(/^.*\/\//, ''), ready, startedAt }]
  })
}
