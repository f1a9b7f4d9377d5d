import { type Kube, type KubeObject, nameOf, type ObjectRef, refOf } from '../kube/api.ts'
import { labels } from '../lib/keys.ts'
import { inParallel } from '../lib/parallel.ts'
import { type ApplyDeps, parallelism, untilGone } from './apply.ts'
import { inStages } from './desired/stages.ts'
import type { OnStackEvent } from './events.ts'
import { readInventory, removeInventory } from './inventory.ts'
import { observe } from './observed.ts'

export interface RemoveOptions {
  /** Also removes volume claims and the namespaces that hold them. */
  readonly pruneData: boolean
  /** How long deletions may take. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onEvent: OnStackEvent
}

/** What `down --keep-cluster` deletes, and what it leaves and why; a plain value. */
export interface Removal {
  readonly delete: readonly { readonly ref: ObjectRef; readonly uid: string }[]
  readonly keep: readonly { readonly ref: ObjectRef; readonly why: string }[]
}

/** What there is to remove of a project; changes nothing, and needs no configuration. Throws KUBE_API. */
export async function planRemoval(
  kube: Kube,
  project: string,
  options: Pick<RemoveOptions, 'pruneData' | 'signal'>,
): Promise<Removal> {
  const { signal } = options
  const inventory = await readInventory(kube, project, signal)
  const namespace = { apiVersion: 'v1', kind: 'Namespace' }
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
  const [observed, claims] = await Promise.all([
    observe(kube, project, [], [...inventory.kinds, namespace, claim], signal),
    kube.list(claim, { signal }),
  ])
  const own = claims.filter(({ metadata }) => metadata.labels?.[labels.project] === project)
  const found = observed.ours.filter(
    ({ kind, metadata }) => kind !== claim.kind && metadata.deletionTimestamp === undefined,
  )
  const foreign = await foreignInstances(kube, project, found, signal)
  return removal([...found, ...own], claims, foreign, options.pruneData)
}

/** Sorts a project's objects into what goes and what stays. Pure. `foreign` names definitions that others use too. */
export function removal(
  objects: readonly KubeObject[],
  claims: readonly KubeObject[],
  foreign: ReadonlySet<string>,
  pruneData: boolean,
): Removal {
  const full = new Map(claims.map(({ metadata }) => [metadata.namespace, metadata.name]))
  const why = (object: KubeObject): string | undefined => {
    if (foreign.has(nameOf(object))) return 'objects that are not devk’s are of this kind'
    if (pruneData) return undefined
    if (object.kind === 'PersistentVolumeClaim') return 'it holds data'
    const data = object.kind === 'Namespace' ? full.get(object.metadata.name) : undefined
    return data && `it holds the volume claim ${data}`
  }
  const ordered = inStages(objects, (object) => object).reverse()
  return {
    delete: ordered
      .filter((object) => !why(object))
      .map((object) => ({ ref: refOf(object), uid: object.metadata.uid ?? '' })),
    keep: ordered.flatMap((object) => {
      const reason = why(object)
      return reason === undefined ? [] : [{ ref: refOf(object), why: reason }]
    }),
  }
}

/** Deletes everything of the plan with a UID precondition and waits until it is gone. Safe to repeat. Throws NOT_READY, KUBE_API. */
export async function removeStack(kube: Kube, project: string, plan: Removal, options: RemoveOptions): Promise<void> {
  await removeObjects(kube, plan.delete, options)
  // What stays is found again by a later `down` through the inventory.
  if (plan.keep.length === 0) await removeInventory(kube, project, options.signal)
}

/** Deletes objects with a UID precondition and waits until they are gone. Throws NOT_READY, KUBE_API. */
export async function removeObjects(kube: Kube, objects: Removal['delete'], options: RemoveOptions): Promise<void> {
  const deps: ApplyDeps = { kube, signal: options.signal, patienceMs: options.timeoutMs }
  await inParallel(objects, parallelism, async ({ ref, uid }) => {
    await kube.delete(ref, { uid, propagation: 'Background', signal: options.signal })
    options.onEvent({ type: 'applied', action: 'delete', ref })
  })
  await inParallel(objects, parallelism, ({ ref, uid }) => untilGone(ref, uid, deps))
}

/** Definitions of ours that have objects of someone else: they would go with them. */
export async function foreignInstances(
  kube: Kube,
  project: string,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<Set<string>> {
  const used = new Set<string>()
  const definitions = objects.filter(({ kind }) => kind === 'CustomResourceDefinition')
  await inParallel(definitions, parallelism, async (definition) => {
    const { group, names, versions } = definition.spec as CrdSpec
    const version = versions.find(({ served }) => served)?.name
    const instances = await kube.list({ apiVersion: `${group}/${version}`, kind: names.kind }, { signal })
    if (instances.some(({ metadata }) => metadata.labels?.[labels.project] !== project)) used.add(nameOf(definition))
  })
  return used
}

interface CrdSpec {
  readonly group: string
  readonly names: { readonly kind: string }
  readonly versions: readonly { readonly name: string; readonly served: boolean }[]
}
