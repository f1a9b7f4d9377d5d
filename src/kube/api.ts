import type { Duplex, Readable, Writable } from 'node:stream'

/** Any Kubernetes object, as JSON. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  [field: string]: unknown
}

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
  ownerReferences?: { kind: string; name: string; uid: string; controller?: boolean }[]
  managedFields?: { manager?: string; operation?: string; subresource?: string; fieldsV1?: unknown }[]
  [field: string]: unknown
}

/** A kind of object as the API server names it. */
export interface KindRef {
  readonly apiVersion: string
  readonly kind: string
}

export interface ObjectRef extends KindRef {
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string | undefined
  readonly name: string
}

export interface ListOptions {
  readonly namespace?: string
  /** A label selector as kubectl takes it: `devk.dev/project=todo`. */
  readonly labels?: string
  readonly fields?: string
  readonly signal: AbortSignal
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  /** The whole state, after a first list or a re-list; what is not in it is gone. */
  | { readonly type: 'SYNCED'; readonly objects: readonly KubeObject[] }

/** What devk needs of an API server. Each method throws KUBE_API with the server's own words, or the signal's reason. */
export interface Kube {
  /** undefined when there is none. */
  get(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined>
  /** Objects of one kind, over all namespaces unless one is given. A kind the server does not know gives []. */
  list(kind: KindRef, options: ListOptions): Promise<KubeObject[]>
  /** Whether objects of this kind live in a namespace; undefined for a kind the server does not know (yet). */
  namespaced(kind: KindRef, signal: AbortSignal): Promise<boolean | undefined>
  /** Server-side apply with field manager `devk` and strict field validation. `force` takes fields over from other managers. */
  apply(object: KubeObject, options: { force: boolean; dryRun?: boolean; signal: AbortSignal }): Promise<KubeObject>
  /** JSON merge patch, of the object or of its status, which a patch of the object leaves as it is. */
  patch(ref: ObjectRef, patch: object, signal: AbortSignal, subresource?: 'status'): Promise<KubeObject>
  /** Deletes with a UID precondition and foreground or background propagation; an object that is gone is no error. */
  delete(
    ref: ObjectRef,
    options: { uid: string; propagation: 'Foreground' | 'Background'; signal: AbortSignal },
  ): Promise<void>
  /** Lists, then follows changes until the signal; re-lists by itself after any break, and never misses a final state. Never rejects. */
  watch(kind: KindRef, options: ListOptions, onEvent: (event: WatchEvent) => void): Promise<void>
}

export interface PodRef {
  readonly namespace: string
  readonly name: string
}

export interface ExecOptions {
  readonly container?: string | undefined
  readonly stdin?: Readable | undefined
  readonly stdout: Writable
  readonly stderr: Writable
  readonly tty: boolean
  readonly signal: AbortSignal
}

export interface LogOptions {
  readonly container: string
  readonly follow: boolean
  readonly previous?: boolean
  /** RFC 3339; the API server compares it to whole seconds. */
  readonly sinceTime?: string | undefined
  readonly tailLines?: number | undefined
  readonly signal: AbortSignal
}

/** Streams into and out of pods. */
export interface PodStreams {
  /** The command's exit code. Throws KUBE_API when it could not be started. */
  exec(pod: PodRef, command: readonly string[], options: ExecOptions): Promise<number>
  /** Raw bytes of the log, each line with its RFC 3339 nanosecond time stamp in front. */
  logs(pod: PodRef, options: LogOptions): Promise<Readable>
  /** One TCP connection into the pod, with half-close and back-pressure. Rejects when the pod does not accept it. */
  connect(pod: PodRef, port: number, signal: AbortSignal): Promise<Duplex>
}

/** `Deployment todo/backend`: how devk names an object to people, and to itself as a key together with the API group. */
export function nameOf(ref: ObjectRef | KubeObject): string {
  const meta = 'metadata' in ref ? (ref.metadata as ObjectMeta) : ref
  return `${ref.kind} ${meta.namespace ? `${meta.namespace}/` : ''}${meta.name}`
}

export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata
  return { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace ? { namespace } : {}) }
}

/** Unique for an object whatever version of its API group is asked for. */
export function keyOf(ref: ObjectRef | KubeObject): string {
  return `${groupOf(ref)}/${nameOf(ref)}`
}

/** `apps/Deployment`, `/Pod`: a kind whatever version of its API group it is asked for in. */
export function groupKindOf(kind: KindRef): string {
  return `${groupOf(kind)}/${kind.kind}`
}

function groupOf({ apiVersion }: KindRef): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
}
