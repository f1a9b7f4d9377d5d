import { DevkError } from '../errors.ts'
import { type KubeObject, keyOf, nameOf, type ObjectRef, refOf } from '../kube/api.ts'
import { labels } from '../lib/keys.ts'
import { canonicalJson } from '../manifests/hash.ts'
import { podTemplate } from '../manifests/workload.ts'
import type { DesiredObject } from './desired/configured.ts'
import { inStages } from './desired/stages.ts'
import type { Observed } from './observed.ts'
import { carried, isCurrent } from './switched.ts'

/** One step between what is there and what is wanted. */
export type Action =
  | {
      readonly do: 'create'
      readonly wanted: DesiredObject /** Has to be gone first. */
      readonly after: string | undefined
    }
  | { readonly do: 'update'; readonly wanted: DesiredObject }
  /** Deleted and made anew, since the server lets nobody change what differs. */
  | { readonly do: 'replace'; readonly wanted: DesiredObject; readonly uid: string; readonly why: string }
  | { readonly do: 'unchanged'; readonly wanted: DesiredObject }
  | { readonly do: 'delete'; readonly ref: ObjectRef; readonly uid: string }
  /** Left as it is although the manifests do not, or not so, describe it. */
  | { readonly do: 'keep'; readonly ref: ObjectRef; readonly why: string }
  | { readonly do: 'conflict'; readonly ref: ObjectRef; readonly why: string }

/** Ordered: what is applied, stage by stage, then what is deleted. */
export interface Plan {
  readonly actions: readonly Action[]
}

export interface PlanOptions {
  /** Also prune namespaces, volume claims and custom definitions, with all that is in them. */
  readonly pruneData: boolean
}

/** The difference between what is wanted and what is there. Pure. */
export function planChanges(wanted: readonly DesiredObject[], observed: Observed, options: PlanOptions): Plan {
  const ours = new Map(observed.ours.map((object) => [keyOf(object), object]))
  const vanishing = new Set(observed.ours.filter(isVanishingNamespace).map(({ metadata }) => metadata.name))
  const applied = wanted.map((entry) => {
    const key = keyOf(entry.object)
    const there = ours.get(key)
    // What is in a namespace that is being deleted goes with it.
    if (vanishing.has(entry.object.metadata.namespace ?? ''))
      return { do: 'create', wanted: entry, after: undefined } as const
    return there ? changed(carried(entry, there, wanted), there) : added(entry, observed.others.get(key))
  })
  const keys = new Set(wanted.map(({ object }) => keyOf(object)))
  const surplus = observed.ours.filter(
    (object) => !keys.has(keyOf(object)) && object.metadata.deletionTimestamp === undefined,
  )
  const pruned = inStages(surplus, (object) => object).reverse()
  return { actions: [...applied, ...pruned.map((object) => removed(object, options))] }
}

function isVanishingNamespace({ kind, metadata }: KubeObject): boolean {
  return kind === 'Namespace' && metadata.deletionTimestamp !== undefined
}

function changed(wanted: DesiredObject, there: KubeObject): Action {
  const { uid = '', deletionTimestamp } = there.metadata
  if (deletionTimestamp !== undefined) return { do: 'create', wanted, after: uid }
  if (isCurrent(wanted, there) && reports(there, wanted)) return { do: 'unchanged', wanted }
  const why = fixedDifference(wanted.object, there)
  return why === undefined ? { do: 'update', wanted } : { do: 'replace', wanted, uid, why }
}

function added(wanted: DesiredObject, there: KubeObject | undefined): Action {
  if (there === undefined) return { do: 'create', wanted, after: undefined }
  const ref = refOf(there)
  const project = there.metadata.labels?.[labels.project]
  // A namespace is a place, not a thing of one owner: it is used, and left alone.
  if (there.kind === 'Namespace')
    return { do: 'keep', ref, why: 'it was there before; devk uses it and does not change it' }
  const preset = there.metadata.labels?.[labels.preset]
  if (preset !== undefined) return { do: 'conflict', ref, why: `is part of the preset ${preset}` }
  const owner =
    project === undefined ? 'was not made by devk' : `is labelled for the project ${project}, but not as devk does it`
  return { do: 'conflict', ref, why: owner }
}

function removed(object: KubeObject, { pruneData }: PlanOptions): Action {
  const ref = refOf(object)
  const holds = {
    Namespace: 'a namespace',
    PersistentVolumeClaim: 'a volume claim',
    CustomResourceDefinition: 'a definition',
  }
  const data = holds[object.kind as keyof typeof holds]
  if (data !== undefined && !pruneData) return { do: 'keep', ref, why: `${data} takes its contents with it` }
  return { do: 'delete', ref, uid: object.metadata.uid ?? '' }
}

/** Whether the object's status says what devk has to say in it. */
function reports({ status = {} }: KubeObject, wanted: DesiredObject): boolean {
  return Object.entries(wanted.status ?? {}).every(([field, value]) => {
    return !differs(value, (status as Record<string, unknown>)[field])
  })
}

/** Fields that the API server lets nobody change after creation, by kind. */
const fixed: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['selector'],
  DaemonSet: ['selector'],
  ReplicaSet: ['selector'],
  StatefulSet: ['selector', 'serviceName', 'podManagementPolicy'],
}

function fixedDifference(wanted: KubeObject, there: KubeObject): string | undefined {
  if (wanted.kind === 'Job' || wanted.kind === 'Pod') return `a ${wanted.kind} cannot be changed`
  if (/RoleBinding$/.test(wanted.kind) && differs(wanted.roleRef, there.roleRef)) return 'roleRef cannot be changed'
  const [mine, theirs] = [wanted.spec, there.spec].map((spec) => (spec ?? {}) as Record<string, unknown>)
  const field = fixed[wanted.kind]?.find((name) => mine?.[name] !== undefined && differs(mine[name], theirs?.[name]))
  return field && `${field} cannot be changed`
}

function differs(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) !== canonicalJson(b ?? null)
}

/** Whether carrying the plan out would write anything. */
export function isEmpty(plan: Plan): boolean {
  return plan.actions.every(writesNothing)
}

/** Whether carrying this step out leaves the cluster as it is. */
export function writesNothing(action: Action): boolean {
  return action.do === 'unchanged' || action.do === 'keep'
}

/** Whether all of the plan's writes make something new, so that nothing that runs changes meanwhile. */
export function isAllNew({ actions }: Plan): boolean {
  return actions.every((action) => action.do === 'create' || writesNothing(action))
}

/** One line for each step that matters to a reader: `create Deployment todo/backend`. Never shows contents. */
export function describePlan(plan: Plan): string[] {
  return plan.actions.flatMap((action) => {
    if (action.do === 'unchanged') return []
    const name = nameOf('wanted' in action ? action.wanted.object : action.ref)
    return [`${action.do} ${name}${'why' in action ? ` (${action.why})` : ''}`]
  })
}

/** Throws OBJECT_FOREIGN when the plan would touch what is not the project's; names every such object. */
export function rejectConflicts(plan: Plan): void {
  const conflicts = plan.actions.filter((action) => action.do === 'conflict')
  if (conflicts.length === 0) return
  throw new DevkError('OBJECT_FOREIGN', 'The cluster has objects of these names that belong to someone else', {
    details: [...conflicts.map(({ ref, why }) => `${nameOf(ref)} ${why}`), 'Nothing was changed.'],
    hint: 'Delete them with kubectl if they are yours, or choose another namespace (deploy.namespace).',
  })
}

/** Images that the pods of what would be written name. */
export function imagesOfWrites(actions: readonly Action[]): Set<string> {
  const used = new Set<string>()
  for (const action of actions) {
    if (!('wanted' in action) || action.do === 'unchanged') continue
    const spec = podTemplate(action.wanted.object)?.spec
    for (const { image } of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]) if (image) used.add(image)
  }
  return used
}
