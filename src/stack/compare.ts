import { type KubeObject, keyOf, refOf } from '../kube/api.ts'
import { readiness } from '../kube/ready.ts'
import { labels } from '../lib/keys.ts'
import { canonicalJson } from '../manifests/hash.ts'
import { isHeld } from './deletion/deletions.ts'
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
  if (isCurrent(wanted, existing) && hasStatus(existing, wanted)) {
    // A Job that has failed does not start again by itself, and the reason for its failure may be gone.
    const again = existing.kind === 'Job' && hasFailed(existing)
    return again ? { do: 'replace', wanted, uid, why: 'it failed, and is tried again' } : { do: 'unchanged', wanted }
  }
  if (losesHeadless(wanted.object, existing))
    return { do: 'replace', wanted, uid, why: 'clusterIP cannot change from None' }
  // For all but what runs once, a dry run by the server tells whether the change is possible.
  const isRun = wanted.object.kind === 'Job' || wanted.object.kind === 'Pod'
  return isRun ? { do: 'replace', wanted, uid, why: `a ${existing.kind} cannot be changed` } : { do: 'update', wanted }
}

/** Whether a Service needs an address from now on. The server accepts the change, and then keeps it without one. */
function losesHeadless({ kind, spec }: KubeObject, existing: KubeObject): boolean {
  if (kind !== 'Service') return false
  const [to, from] = [spec, existing.spec].map((fields) => (fields ?? {}) as { clusterIP?: string; type?: string })
  return from?.clusterIP === 'None' && to?.clusterIP === undefined && to?.type !== 'ExternalName'
}

function hasFailed(object: KubeObject): boolean {
  const state = readiness(object)
  return !state.ready && state.failed === true
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

function differs(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) !== canonicalJson(b ?? null)
}
