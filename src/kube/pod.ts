import type { KubeObject } from './api.ts'

/** The fields of a Pod that devk reads. */
export interface Pod extends KubeObject {
  spec?: {
    nodeName?: string
    containers?: PodContainer[]
    initContainers?: PodContainer[]
    [field: string]: unknown
  }
  status?: {
    phase?: string
    reason?: string
    message?: string
    conditions?: Condition[]
    containerStatuses?: ContainerStatus[]
    initContainerStatuses?: ContainerStatus[]
    [field: string]: unknown
  }
}

/** The fields of a container in a pod spec that devk reads. */
export interface PodContainer {
  name: string
  image?: string
  resources?: { limits?: Record<string, string> }
  readinessProbe?: Probe
  livenessProbe?: Probe
  startupProbe?: Probe
  [field: string]: unknown
}

/** The handlers of a Probe (core/v1). */
export interface Probe {
  httpGet?: { path?: string; port?: number | string }
  tcpSocket?: { port?: number | string }
  grpc?: { port?: number }
  exec?: { command?: string[] }
}

/** A condition of a pod or of another object. */
export interface Condition {
  type: string
  status: string
  reason?: string
  message?: string
}

interface Terminated {
  exitCode?: number
  reason?: string
  message?: string
  signal?: number
  finishedAt?: string
}

interface ContainerState {
  waiting?: { reason?: string; message?: string }
  running?: { startedAt?: string }
  terminated?: Terminated
}

/** The fields of a ContainerStatus (core/v1) that devk reads. */
export interface ContainerStatus {
  name: string
  ready?: boolean
  started?: boolean
  restartCount?: number
  image?: string
  imageID?: string
  state?: ContainerState
  lastState?: ContainerState
}

/** The fields of an Event (core/v1) that devk reads. */
export interface KubeEvent extends KubeObject {
  type?: string
  reason?: string
  message?: string
  involvedObject?: { kind?: string; name?: string; namespace?: string; uid?: string; fieldPath?: string }
  lastTimestamp?: string | null
  eventTime?: string | null
  count?: number | null
  /** The newer form of `count` and `lastTimestamp`. */
  series?: { count?: number; lastObservedTime?: string } | null
}

/** The condition of this type in an object's status. */
export function conditionOf(object: KubeObject, type: string): Condition | undefined {
  const { conditions } = (object.status ?? {}) as { conditions?: Condition[] }
  return conditions?.find((condition) => condition.type === type)
}
