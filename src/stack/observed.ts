import { groupKindOf, type KindRef, type Kube, type KubeObject, keyOf, refOf } from '../kube/api.ts'
import { labels } from '../lib/keys.ts'
import { inParallel } from '../lib/parallel.ts'

/** The part of the cluster that matters to one project; a plain value. */
export interface Observed {
  /** Objects that this project applied, with their status. */
  readonly ours: readonly KubeObject[]
  /** Objects that have the name of a wanted one and are not ours, by `keyOf`. */
  readonly others: ReadonlyMap<string, KubeObject>
}

/** What to look for in the cluster. */
export interface Sought {
  readonly project: string
  readonly wanted: readonly KubeObject[]
  /** Kinds that the project has applied before; those of `wanted` are added. */
  readonly kinds: readonly KindRef[]
  /** Which of the project's objects: those of its presets, those of its stack, or both. */
  readonly scope: 'stack' | 'presets' | 'all'
}

const scopeSelectors = { stack: `,!${labels.preset}`, presets: `,${labels.preset}`, all: '' } as const

/** Reads the cluster: lists every kind once, and gets each wanted object that is not among ours. Throws KUBE_API. */
export async function observe(kube: Kube, sought: Sought, signal: AbortSignal): Promise<Observed> {
  const { project, wanted, kinds, scope } = sought
  const selector = `${labels.project}=${project},${labels.hash}${scopeSelectors[scope]}`
  const lists = await inParallel(unique([...wanted, ...kinds]), 8, (kind) =>
    kube.list(kind, { labels: selector, signal }),
  )
  const ours = lists.flat().filter((object) => isOurs(object, project))
  const known = new Set(ours.map(keyOf))
  const missing = wanted.filter((object) => !known.has(keyOf(object)))
  const others = new Map<string, KubeObject>()
  await inParallel(missing, 8, async (object) => {
    const existing = await kube.get(refOf(object), signal)
    if (existing !== undefined) others.set(keyOf(object), existing)
  })
  return { ours, others }
}

/**
 * Whether devk applied this object for the project. The labels alone do not prove it: controllers copy the labels of a
 * Service to its Endpoints, and those of a pod template to pods and ReplicaSets. Only devk writes with its field
 * manager.
 */
export function isOurs({ metadata }: KubeObject, project: string): boolean {
  const own = metadata.labels ?? {}
  const applied = metadata.managedFields?.some(({ manager, operation }) => manager === 'devk' && operation === 'Apply')
  const controlled = metadata.ownerReferences?.some(({ controller }) => controller === true)
  return own[labels.project] === project && own[labels.hash] !== undefined && applied === true && controlled !== true
}

/**
 * Whether the label of the project on this object comes from devk, or from a controller that copied it from an object
 * of devk. Everybody else's copy of an object has the label too, and is no part of the project.
 */
export function belongsTo({ metadata }: KubeObject, project: string): boolean {
  const isOfProject = metadata.labels?.[labels.project] === project
  // Controllers write the status of every object, whoever made it.
  const isWriter = ({ manager = '', subresource }: { manager?: string; subresource?: string }) =>
    subresource === undefined && writers.has(manager)
  return isOfProject && metadata.managedFields?.some(isWriter) === true
}

const writers = new Set(['devk', 'kube-controller-manager'])

/** Each kind once, in the API version that comes first, which is the one that the manifests use. */
function unique(kinds: readonly KindRef[]): KindRef[] {
  const seen = new Map<string, KindRef>()
  for (const { apiVersion, kind } of kinds) {
    const key = groupKindOf({ apiVersion, kind })
    if (!seen.has(key)) seen.set(key, { apiVersion, kind })
  }
  return [...seen.values()]
}
