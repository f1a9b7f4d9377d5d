import { DevkError } from '../../src/errors.ts'
import {
  type KindRef,
  type Kube,
  type KubeObject,
  keyOf,
  type ListOptions,
  nameOf,
  type ObjectRef,
  refOf,
  type WatchEvent,
} from '../../src/kube/api.ts'
import { isRecord } from '../../src/lib/record.ts'

export interface FakeKubeOptions {
  /** Kinds that the server has in addition to those of `objects`; true for namespaced ones. */
  readonly kinds?: Readonly<Record<string, boolean>>
  readonly objects?: readonly KubeObject[]
  /** Called before an object is stored. Its result is stored instead, and an error that it throws is the answer of the server. */
  readonly onApply?: (object: KubeObject) => KubeObject | undefined
}

export interface FakeKube extends Kube {
  /** Every writing call, in order: `apply Deployment todo/backend`, `patch …`, `delete …`; a dry run is `dry-run …`. */
  readonly writes: readonly string[]
  /** Every reading call, in order: `get …`, `list apps/v1 Deployment`, `watch v1 Pod`. */
  readonly reads: readonly string[]
  /** The stored object; undefined when it does not exist. */
  peek(ref: ObjectRef): KubeObject | undefined
  /** Changes the state as a controller or kubectl would. Watches report it. */
  put(object: KubeObject): void
  remove(ref: ObjectRef): void
}

const builtIn: Readonly<Record<string, boolean>> = {
  'v1 Namespace': false,
  'v1 Node': false,
  'v1 PersistentVolume': false,
  'v1 Pod': true,
  'v1 Service': true,
  'v1 Secret': true,
  'v1 ConfigMap': true,
  'v1 ServiceAccount': true,
  'v1 Event': true,
  'v1 PersistentVolumeClaim': true,
  'apps/v1 Deployment': true,
  'apps/v1 StatefulSet': true,
  'apps/v1 DaemonSet': true,
  'apps/v1 ReplicaSet': true,
  'batch/v1 Job': true,
  'batch/v1 CronJob': true,
  'networking.k8s.io/v1 Ingress': true,
  'networking.k8s.io/v1 NetworkPolicy': true,
  'rbac.authorization.k8s.io/v1 Role': true,
  'rbac.authorization.k8s.io/v1 RoleBinding': true,
  'rbac.authorization.k8s.io/v1 ClusterRole': false,
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': false,
  'apiextensions.k8s.io/v1 CustomResourceDefinition': false,
}

/**
 * A strict API server in memory. UIDs, versions and generations count, and apply merges an object into the existing one. Unknown kinds,
 * a namespaced object without a namespace, and a selector of another form are errors.
 */
export function fakeKube(options: FakeKubeOptions = {}): FakeKube {
  const objects = new Map<string, KubeObject>()
  const kinds = new Map(Object.entries({ ...builtIn, ...options.kinds }))
  const watchers = new Set<{
    kind: KindRef
    matches: (object: KubeObject) => boolean
    tell: (event: WatchEvent) => void
  }>()
  const writes: string[] = []
  const reads: string[] = []
  let version = 0

  const scope = ({ apiVersion, kind }: KindRef) => kinds.get(`${apiVersion} ${kind}`)
  const check = (ref: ObjectRef | KubeObject) => {
    const namespaced = scope(ref)
    if (namespaced === undefined) throw new Error(`fake kube knows no kind ${ref.apiVersion} ${ref.kind}`)
    const meta = 'metadata' in ref ? (ref as KubeObject).metadata : ref
    const namespace = meta.namespace as string | undefined
    if (namespaced === (namespace === undefined))
      throw new Error(`${nameOf(ref)}: ${namespaced ? 'needs a' : 'takes no'} namespace`)
  }
  const announce = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject) => {
    for (const watcher of watchers) {
      const same = watcher.kind.kind === object.kind && watcher.kind.apiVersion === object.apiVersion
      if (same && watcher.matches(object)) watcher.tell({ type, object: structuredClone(object) })
    }
  }
  const requireUid = (ref: ObjectRef, uid: string | undefined) => {
    const existing = objects.get(keyOf(ref))?.metadata.uid
    if (uid === undefined || uid === existing) return
    const cause = { kind: 'Status', code: 409, reason: 'Conflict' }
    throw new DevkError('KUBE_API', `${nameOf(ref)}: the UID is ${existing}, not ${uid}`, { cause })
  }
  const store = (object: KubeObject): KubeObject => {
    check(object)
    const before = objects.get(keyOf(object))
    const specChanged = JSON.stringify(before?.spec) !== JSON.stringify(object.spec)
    version += 1
    const metadata = {
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...object.metadata,
      uid: object.metadata.uid ?? before?.metadata.uid ?? `uid-${version}`,
      resourceVersion: String(version),
      generation: (before?.metadata.generation ?? 0) + (specChanged || !before ? 1 : 0),
    }
    const stored = { ...structuredClone(object), metadata }
    objects.set(keyOf(object), stored)
    announce(before ? 'MODIFIED' : 'ADDED', stored)
    return structuredClone(stored)
  }
  const remove = (ref: ObjectRef) => {
    const object = objects.get(keyOf(ref))
    if (!object) return
    objects.delete(keyOf(ref))
    announce('DELETED', object)
  }
  const matching = (kind: KindRef, list: Omit<ListOptions, 'signal'>) => {
    if (list.fields !== undefined) throw new Error(`fake kube has no field selectors: ${list.fields}`)
    const selects = labelSelector(list.labels)
    return (object: KubeObject) =>
      object.apiVersion === kind.apiVersion &&
      object.kind === kind.kind &&
      (list.namespace === undefined || object.metadata.namespace === list.namespace) &&
      selects(object.metadata.labels ?? {})
  }
  const select = (kind: KindRef, list: Omit<ListOptions, 'signal'>) =>
    [...objects.values()].filter(matching(kind, list)).map((object) => structuredClone(object))

  for (const object of options.objects ?? []) {
    const name = `${object.apiVersion} ${object.kind}`
    if (!kinds.has(name)) kinds.set(name, object.metadata.namespace !== undefined)
    store(object)
  }

  return {
    writes,
    reads,
    peek: (ref) => structuredClone(objects.get(keyOf(ref))),
    put: (object) => void store(object),
    remove,
    async measured(node, signal) {
      signal.throwIfAborted()
      reads.push(`measured ${node}`)
      return []
    },
    async kinds(signal) {
      signal.throwIfAborted()
      reads.push('kinds')
      return [...kinds].map(([name, namespaced]) => {
        const [apiVersion = '', kind = ''] = name.split(' ')
        return { apiVersion, kind, namespaced }
      })
    },
    async get(ref, signal) {
      signal.throwIfAborted()
      reads.push(`get ${nameOf(ref)}`)
      return structuredClone(objects.get(keyOf(ref)))
    },
    async list(kind, list) {
      list.signal.throwIfAborted()
      reads.push(`list ${kind.apiVersion} ${kind.kind}`)
      return scope(kind) === undefined ? [] : select(kind, list)
    },
    capabilities: async () => ({ kubeVersion: 'v1.34.4', apiVersions: [] }),
    async namespaced(kind, signal) {
      signal.throwIfAborted()
      return scope(kind)
    },
    async apply(object, { dryRun, signal }) {
      signal.throwIfAborted()
      check(object)
      requireUid(refOf(object), object.metadata.uid)
      const answer = options.onApply?.(structuredClone(object)) ?? object
      writes.push(`${dryRun ? 'dry-run' : 'apply'} ${nameOf(object)}`)
      const merged = mergePatch(objects.get(keyOf(object)) ?? {}, answer) as KubeObject
      return dryRun ? merged : store(merged)
    },
    async patch(ref, patch, signal, subresource) {
      signal.throwIfAborted()
      if ((subresource === 'status') !== Object.keys(patch).includes('status')) {
        throw new Error(`${nameOf(ref)}: a status is patched as the subresource, and nothing else is`)
      }
      const object = objects.get(keyOf(ref))
      if (!object) throw new Error(`fake kube has no ${nameOf(ref)} to patch`)
      requireUid(ref, (patch as Partial<KubeObject>).metadata?.uid)
      writes.push(`patch ${nameOf(ref)}`)
      const patched = mergePatch(object, patch) as KubeObject
      const managedFields = [...(object.metadata.managedFields ?? []), { manager: 'devk', operation: 'Update' }]
      return store({ ...patched, metadata: { ...patched.metadata, managedFields } })
    },
    async delete(ref, { uid, signal }) {
      signal.throwIfAborted()
      if (uid === '') throw new Error(`${nameOf(ref)}: a delete needs the UID`)
      writes.push(`delete ${nameOf(ref)}`)
      if (objects.get(keyOf(ref))?.metadata.uid === uid) remove(ref)
    },
    async watch(kind, list, onEvent) {
      if (list.signal.aborted) return
      reads.push(`watch ${kind.apiVersion} ${kind.kind}`)
      const watcher = { kind, matches: matching(kind, list), tell: onEvent }
      onEvent({ type: 'SYNCED', objects: select(kind, list) })
      watchers.add(watcher)
      await new Promise<void>((resolve) => list.signal.addEventListener('abort', () => resolve(), { once: true }))
      watchers.delete(watcher)
    },
  }
}

/** A JSON merge patch (RFC 7396), which replaces lists as a whole. Server-side apply in tests needs no more. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return structuredClone(patch)
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {}
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field]
    else result[field] = mergePatch(result[field], value)
  }
  return result
}

/** A predicate for a label selector of the forms `a=b`, `a!=b`, `a` and `!a`, joined by commas. Throws on any other form. */
function labelSelector(text: string | undefined): (labels: Record<string, string>) => boolean {
  const terms = text ? text.split(',') : []
  const tests = terms.map((term) => {
    const match = /^(!?)([\w./-]+)(?:(!?=)=?([\w./-]*))?$/.exec(term.trim())
    if (!match || (match[1] && match[3])) throw new Error(`fake kube does not understand the label selector ${term}`)
    const [, not, key = '', operator, value] = match
    return (labels: Record<string, string>) => {
      if (operator === '=') return labels[key] === value
      if (operator === '!=') return labels[key] !== value
      return Object.hasOwn(labels, key) === (not === '')
    }
  })
  return (labels) => tests.every((test) => test(labels))
}
