import type { Duplex, Readable, Writable } from 'node:stream'

/** Any Kubernetes object, as JSON. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  [field: string]: unknown
}

/** The fields of `metadata` that devk reads. Names and meanings are those of ObjectMeta (meta/v1). */
export interface ObjectMeta {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: { apiVersion?: string; kind: string; name: string; uid: string; controller?: boolean }[]
  managedFields?: { manager?: string; operation?: string; subresource?: string; fieldsV1?: unknown }[]
  [field: string]: unknown
}

/** A kind of object, as manifests name it. */
export interface KindRef {
  readonly apiVersion: string
  readonly kind: string
}

/** A kind whose objects can be listed and deleted. */
export interface ServedKind extends KindRef {
  readonly namespaced: boolean
}

/** What a Helm chart may ask of a cluster. */
export interface Capabilities {
  /** `v1.34.4`; undefined if it is not known. */
  readonly kubeVersion: string | undefined
  /** `apps/v1` and `apps/v1/Deployment`. */
  readonly apiVersions: readonly string[]
}

/** A reference to one object. */
export interface ObjectRef extends KindRef {
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string | undefined
  readonly name: string
}

/** Which objects of a kind to list or watch. */
export interface ListOptions {
  /** Default: all namespaces. */
  readonly namespace?: string
  /** A label selector as kubectl takes it: `devk.dev/project=todo`. */
  readonly labels?: string
  /** A field selector as kubectl takes it: `metadata.name=web`. */
  readonly fields?: string
  readonly signal: AbortSignal
}

/** A change of the watched objects. */
export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  /** All objects, after each list. An object that is not in it no longer exists. */
  | { readonly type: 'SYNCED'; readonly objects: readonly KubeObject[] }

/**
 * What devk needs from an API server. Each method throws KUBE_API with the message of the server, or the reason of the
 * signal.
 */
export interface Kube {
  /** Every kind that the server serves and whose objects can be listed and deleted, in its preferred version. */
  kinds(signal: AbortSignal): Promise<ServedKind[]>
  /**
   * Returns undefined when the object does not exist. Finds it in another version of its API group if the server no
   * longer serves the given one, as `list` and `delete` do.
   */
  get(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined>
  /**
   * Lists objects of one kind, in all namespaces unless one is given. Returns [] for a kind that the server does not
   * serve.
   */
  list(kind: KindRef, options: ListOptions): Promise<KubeObject[]>
  /** The version of the server, and every API version and kind that it serves. */
  capabilities(signal: AbortSignal): Promise<Capabilities>
  /**
   * What the kubelet of a node measures, in the form of the metrics API: a NodeMetrics, and a PodMetrics for each pod.
   * Empty if the user may not ask it, or if it does not answer the API server.
   */
  measured(node: string, signal: AbortSignal): Promise<KubeObject[]>
  /** Whether the kind is namespaced; undefined for a kind that the server does not serve (yet). */
  namespaced(kind: KindRef, signal: AbortSignal): Promise<boolean | undefined>
  /**
   * Server-side apply with field manager `devk` and strict field validation. `force` takes over fields that other
   * managers own.
   */
  apply(object: KubeObject, options: { force: boolean; dryRun?: boolean; signal: AbortSignal }): Promise<KubeObject>
  /** JSON merge patch of the object, or of its `status` subresource. */
  patch(ref: ObjectRef, patch: object, signal: AbortSignal, subresource?: 'status'): Promise<KubeObject>
  /** Deletes with a UID precondition. Does nothing when the object no longer exists, or another object has its name. */
  delete(
    ref: ObjectRef,
    options: { uid: string; propagation: 'Foreground' | 'Background'; signal: AbortSignal },
  ): Promise<void>
  /**
   * Lists, then watches until the signal aborts. Lists again after any interruption, so that no final state is missed.
   * Never rejects.
   */
  watch(kind: KindRef, options: ListOptions, onEvent: (event: WatchEvent) => void): Promise<void>
}

/** A pod. */
export interface PodRef {
  readonly namespace: string
  readonly name: string
}

/** How a command runs in a pod. */
export interface ExecOptions {
  /** Default: the default container of the pod. */
  readonly container?: string | undefined
  readonly stdin?: Readable | undefined
  readonly stdout: Writable
  readonly stderr: Writable
  readonly tty: boolean
  readonly signal: AbortSignal
}

/** Which part of the log of a container to read. */
export interface LogOptions {
  readonly container: string
  readonly follow: boolean
  /** Read the log of the previous instance of the container. */
  readonly previous?: boolean
  /** RFC 3339. The API server ignores fractions of a second. */
  readonly sinceTime?: string | undefined
  /** Number of lines at the end of the log to start with. Default: all. */
  readonly tailLines?: number | undefined
  readonly signal: AbortSignal
}

/** Streams into and out of pods. */
export interface PodStreams {
  /** Runs a command and returns its exit code. Throws KUBE_API when it could not be started. */
  exec(pod: PodRef, command: readonly string[], options: ExecOptions): Promise<number>
  /** The log as bytes. Each line starts with a timestamp in RFC 3339 with nanoseconds. */
  logs(pod: PodRef, options: LogOptions): Promise<Readable>
  /** Opens a TCP connection to a port of the pod, with half-close and backpressure. Rejects when the pod refuses it. */
  connect(pod: PodRef, port: number, signal: AbortSignal): Promise<Duplex>
}

/** The name of an object as messages show it: `Deployment todo/backend`. */
export function nameOf(ref: ObjectRef | KubeObject): string {
  const meta = 'metadata' in ref ? (ref.metadata as ObjectMeta) : ref
  return `${ref.kind} ${meta.namespace ? `${meta.namespace}/` : ''}${meta.name}`
}

/** The reference to an object: API version, kind, namespace and name. */
export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata
  return { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace ? { namespace } : {}) }
}

/** A unique key of an object. It is the same for every version of the API group. */
export function keyOf(ref: ObjectRef | KubeObject): string {
  return `${groupOf(ref)}/${nameOf(ref)}`
}

/** A kind without its version: `apps/Deployment`, `/Pod`. */
export function groupKindOf(kind: KindRef): string {
  return `${groupOf(kind)}/${kind.kind}`
}

function groupOf({ apiVersion }: KindRef): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
}
