import { groupKindOf, type KindRef, type Kube, type KubeObject, keyOf, refOf } from '../kube/api.ts'
import { labels } from '../lib/keys.ts'
import { inParallel } from '../lib/parallel.ts'

/** What is there, as far as it matters to one project; a plain value. */
export interface Observed {
  /** Objects that this project applied, with their status. */
  readonly ours: readonly KubeObject[]
  /** Objects that have the name of a wanted one and are not ours, by `keyOf`. */
  readonly others: ReadonlyMap<string, KubeObject>
}

/** Which of a project's objects it is about: those of its presets, all but those, or all. */
export type Scope = 'stack' | 'presets' | 'all'

const parts: Readonly<Record<Scope, string>> = { stack: `,!${labels.preset}`, presets: `,${labels.preset}`, all: '' }

/**
 * Reads the cluster: one list for each kind, and one look at each wanted object that is not among ours.
 * Throws KUBE_API.
 */
export async function observe(
  kube: Kube,
  project: string,
  wanted: readonly KubeObject[],
  kinds: readonly KindRef[],
  signal: AbortSignal,
  scope: Scope = 'all',
): Promise<Observed> {
  const selector = `${labels.project}=${project},${labels.hash}${parts[scope]}`
  const lists = await inParallel(unique([...wanted, ...kinds]), 8, (kind) =>
    kube.list(kind, { labels: selector, signal }),
  )
  const ours = lists.flat().filter((object) => isOurs(object, project))
  const known = new Set(ours.map(keyOf))
  const missing = wanted.filter((object) => !known.has(keyOf(object)))
  const others = new Map<string, KubeObject>()
  await inParallel(missing, 8, async (object) => {
    const there = await kube.get(refOf(object), signal)
    if (there !== undefined) others.set(keyOf(object), there)
  })
  return { ours, others }
}

/**
 * Whether devk applied this object for the project. A label alone is not proof: controllers copy labels of a Service to its
 * Endpoints, and of a pod template to pods and ReplicaSets; the field manager is what only devk writes.
 */
export function isOurs({ metadata }: KubeObject, project: string): boolean {
  const own = metadata.labels ?? {}
  const applied = metadata.managedFields?.some(({ manager, operation }) => manager === 'devk' && operation === 'Apply')
  const controlled = metadata.ownerReferences?.some(({ controller }) => controller === true)
  return own[labels.project] === project && own[labels.hash] !== undefined && applied === true && controlled !== true
}

/** One of each kind; the first one's version counts, which is the one that the manifests write. */
function unique(kinds: readonly KindRef[]): KindRef[] {
  const seen = new Map<string, KindRef>()
  for (const { apiVersion, kind } of kinds) {
    const key = groupKindOf({ apiVersion, kind })
    if (!seen.has(key)) seen.set(key, { apiVersion, kind })
  }
  return [...seen.values()]
}
