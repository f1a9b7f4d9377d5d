import { type KubeObject, keyOf, refOf } from '../kube/api.ts'
import { labels } from '../lib/keys.ts'
import { canonicalJson } from '../manifests/hash.ts'
import { isHeld } from './deletions.ts'
import type { DesiredObject } from './desired/configured.ts'
import { inStages } from './desired/stages.ts'
import type { Observed } from './observed.ts'
import { type Action, deletionOf, type Plan } from './plan.ts'
import { carried, isCurrent } from './switched.ts'

/** What a plan may delete. */
export interface CompareOptions {
  /** Also delete namespaces, volume claims and custom resource definitions, with everything in them. */
  readonly pruneData: boolean
}

/** The plan that turns the observed objects into the wanted ones. Pure. */
export function compare(wanted: readonly DesiredObject[], observed: Observed, options: CompareOptions): Plan {
  const ours = new Map(observed.ours.map((object) => [keyOf(object), object]))
  const terminating = new Set(observed.ours.filter(isTerminatingNamespace).map(({ metadata }) => metadata.name))
  const writes = wanted.map((entry): Action => {
    const key = keyOf(entry.object)
    const existing = ours.get(key)
    // An object in a namespace that is being deleted is deleted with it.
    if (terminating.has(entry.object.metadata.namespace ?? '')) return { do: 'create', wanted: entry, after: undefined }
    return existing ? changed(carried(entry, existing, wanted), existing) : added(entry, observed.others.get(key))
  })
  const keys = new Set(wanted.map(({ object }) => keyOf(object)))
  // An object in deletion that waits for a finalizer stays in the plan, so that its controller is not deleted first.
  const surplus = observed.ours.filter(
    (object) => !keys.has(keyOf(object)) && (object.metadata.deletionTimestamp === undefined || isHeld(object)),
  )
  const lastFirst = inStages(surplus, (object) => object).reverse()
  return { actions: [...writes, ...lastFirst.map((object) => removed(object, options))] }
}

function isTerminatingNamespace({ kind, metadata }: KubeObject): boolean {
  return kind === 'Namespace' && metadata.deletionTimestamp !== undefined
}

function changed(wanted: DesiredObject, existing: KubeObject): Action {
  const { uid = '', deletionTimestamp } = existing.metadata
  if (deletionTimestamp !== undefined) return { do: 'create', wanted, after: uid }
  if (isCurrent(wanted, existing) && hasStatus(existing, wanted)) return { do: 'unchanged', wanted }
  const why = immutableDifference(wanted.object, existing)
  return why === undefined ? { do: 'update', wanted } : { do: 'replace', wanted, uid, why }
}

function added(wanted: DesiredObject, existing: KubeObject | undefined): Action {
  if (existing === undefined) return { do: 'create', wanted, after: undefined }
  const ref = refOf(existing)
  const project = existing.metadata.labels?.[labels.project]
  // Objects of several owners may share a namespace, so an existing one is used and left as it is.
  if (existing.kind === 'Namespace')
    return { do: 'keep', ref, why: 'it existed before; devk uses it and does not change it' }
  const preset = existing.metadata.labels?.[labels.preset]
  if (preset !== undefined) return { do: 'conflict', ref, why: `is part of the preset ${preset}` }
  const owner =
    project === undefined
      ? 'was not created by devk'
      : `has the label of the project ${project}, but devk did not apply it`
  return { do: 'conflict', ref, why: owner }
}

const holders: Readonly<Record<string, string>> = {
  Namespace: 'a namespace',
  PersistentVolumeClaim: 'a volume claim',
  CustomResourceDefinition: 'a custom resource definition',
}

function removed(object: KubeObject, { pruneData }: CompareOptions): Action {
  const holder = holders[object.kind]
  if (holder === undefined || pruneData) return deletionOf(object)
  return { do: 'keep', ref: refOf(object), why: `deleting ${holder} deletes its contents` }
}

/** Whether the object's status has the fields that devk writes there. */
function hasStatus({ status = {} }: KubeObject, wanted: DesiredObject): boolean {
  return Object.entries(wanted.status ?? {}).every(([field, value]) => {
    return !differs(value, (status as Record<string, unknown>)[field])
  })
}

/** Fields of each kind's spec that the API server does not allow to change. */
const immutable: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['selector'],
  DaemonSet: ['selector'],
  ReplicaSet: ['selector'],
  StatefulSet: ['selector', 'serviceName', 'podManagementPolicy'],
}

function immutableDifference(wanted: KubeObject, existing: KubeObject): string | undefined {
  if (wanted.kind === 'Job' || wanted.kind === 'Pod') return `a ${wanted.kind} cannot be changed`
  if (/RoleBinding$/.test(wanted.kind) && differs(wanted.roleRef, existing.roleRef)) return 'roleRef cannot be changed'
  const [to, from] = [wanted.spec, existing.spec].map((spec) => (spec ?? {}) as Record<string, unknown>)
  const field = immutable[wanted.kind]?.find((name) => to?.[name] !== undefined && differs(to[name], from?.[name]))
  return field && `${field} cannot be changed`
}

function differs(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) !== canonicalJson(b ?? null)
}
