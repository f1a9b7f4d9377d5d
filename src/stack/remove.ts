import { type Kube, type KubeObject, nameOf, refOf } from '../kube/api.ts'
import { inParallel } from '../lib/parallel.ts'
import { type DeletionWait, parallelism } from './apply.ts'
import { claimKind, claimsOfSets } from './deletion/claims.ts'
import { type DeleteOptions, deleteObjects } from './deletion/delete.ts'
import { inhabitants } from './deletion/inhabitants.ts'
import { inStages } from './desired/stages.ts'
import { readInventory, removeInventory } from './inventory.ts'
import { belongsTo, observe } from './observed.ts'
import { type Action, deletionOf, type Plan } from './plan.ts'

/** What `down --keep-cluster` needs to know of the cluster. */
export interface Removable {
  /** The objects of the project. */
  readonly objects: readonly KubeObject[]
  /** All volume claims of the cluster. */
  readonly claims: readonly KubeObject[]
  /** Names (`nameOf`) of custom resource definitions of the project that have objects of someone else. */
  readonly shared: ReadonlySet<string>
  /** From a namespace of the project to an object of someone else in it. */
  readonly inhabited: ReadonlyMap<string, string>
  /** Also delete volume claims and the namespaces that contain them. */
  readonly pruneData: boolean
}

/**
 * The plan that deletes a project's objects. It needs no configuration and changes nothing. Volume claims and the
 * namespaces that contain some are kept unless `pruneData` is set. Throws KUBE_API.
 */
export async function planRemoval(
  kube: Kube,
  project: string,
  { pruneData, signal }: { readonly pruneData: boolean; readonly signal: AbortSignal },
): Promise<Plan> {
  const inventory = await readInventory(kube, project, signal)
  const namespace = { apiVersion: 'v1', kind: 'Namespace' }
  const kinds = [...inventory.kinds, namespace, claimKind]
  const [observed, claims] = await Promise.all([
    observe(kube, { project, kinds, wanted: [], scope: 'all' }, signal),
    kube.list(claimKind, { signal }),
  ])
  const labelled = claims.filter((claim) => belongsTo(claim, project))
  const own = new Set([...labelled, ...claimsOfSets(observed.ours, claims)])
  // Objects in deletion are among them: what hangs must be waited for and named again.
  const found = observed.ours.filter(({ kind }) => kind !== claimKind.kind)
  const shared = await sharedDefinitions(kube, project, found, signal)
  const objects = [...found, ...own]
  const homes = found.filter(({ kind }) => kind === namespace.kind).map(({ metadata }) => metadata.name)
  const inhabited = await inhabitants(kube, homes, { project, objects }, signal)
  return removalOf({ objects, claims, shared, inhabited, pruneData })
}

/** The plan that deletes these objects, except those that contain data or objects of someone else. Pure. */
export function removalOf({ objects, claims, shared, inhabited, pruneData }: Removable): Plan {
  const claimIn = new Map(claims.map(({ metadata }) => [metadata.namespace, metadata.name]))
  const whyKept = (object: KubeObject): string | undefined => {
    if (shared.has(nameOf(object))) return 'there are objects of this kind that devk did not create'
    const inhabitant = object.kind === 'Namespace' ? inhabited.get(object.metadata.name) : undefined
    if (inhabitant !== undefined) return `it contains ${inhabitant}, which devk did not create`
    if (pruneData) return undefined
    if (object.kind === 'PersistentVolumeClaim') return 'it contains data'
    const claim = object.kind === 'Namespace' ? claimIn.get(object.metadata.name) : undefined
    return claim && `it contains the volume claim ${claim}`
  }
  const actions = inStages(objects, (object) => object).map((object): Action => {
    const why = whyKept(object)
    return why === undefined ? deletionOf(object) : { do: 'keep', ref: refOf(object), why }
  })
  return { actions: actions.reverse() }
}

/**
 * Deletes the objects of the plan and waits until they are gone; then deletes the project's inventory. Safe to repeat.
 * Throws NOT_READY, KUBE_API.
 */
export async function removeStack(plan: Plan, project: string, wait: DeletionWait): Promise<void> {
  await pruneAndWait(plan, { ...wait, project })
  // A later `down` finds the objects that are kept through the inventory.
  if (plan.actions.some((action) => action.do === 'keep')) return
  await removeInventory(wait.kube, project, wait.signal)
}

/** Makes the plan's deletions and waits until the objects are gone. Throws NOT_READY, KUBE_API. */
export async function pruneAndWait(plan: Plan, wait: Omit<DeleteOptions, 'until'>): Promise<void> {
  await deleteObjects(plan, { ...wait, until: 'all' })
}

/**
 * Names of the custom resource definitions among `objects` that have objects of someone else, which would be deleted
 * with them.
 */
export async function sharedDefinitions(
  kube: Kube,
  project: string,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<Set<string>> {
  const shared = new Set<string>()
  const definitions = objects.filter(({ kind }) => kind === 'CustomResourceDefinition')
  await inParallel(definitions, parallelism, async (definition) => {
    const { group, names, versions } = definition.spec as DefinitionSpec
    const version = versions.find(({ served }) => served)?.name
    const instances = await kube.list({ apiVersion: `${group}/${version}`, kind: names.kind }, { signal })
    if (instances.some((instance) => !belongsTo(instance, project))) shared.add(nameOf(definition))
  })
  return shared
}

interface DefinitionSpec {
  readonly group: string
  readonly names: { readonly kind: string }
  readonly versions: readonly { readonly name: string; readonly served: boolean }[]
}
