import { randomBytes } from 'node:crypto'
import { groupKindOf, type KindRef, type Kube, type KubeObject, refOf } from '../kube/api.ts'
import { labels } from '../lib/keys.ts'
import { applyPlan, untilGone } from './apply.ts'
import { recordRef } from './hooks/record.ts'
import { deletionOf, updateOf } from './plan.ts'

/** What devk keeps in the cluster about a project, so that `down` and `prune` work from any checkout. */
export interface Inventory {
  /** Every kind of object that the project ever applied. */
  readonly kinds: readonly KindRef[]
  /** Key of the content hashes; a new one if the cluster has none yet. */
  readonly hashKey: string
  /** What the cluster has already. The rest must be written before anything is applied. */
  readonly stored: { readonly kinds: number; readonly key: boolean }
}

const namespace = 'devk-system'
const metadataOf = (project: string) => ({ name: `devk-${project}`, namespace })
const map = { apiVersion: 'v1', kind: 'ConfigMap' } as const
const secret = { apiVersion: 'v1', kind: 'Secret' } as const

/** The inventory of a project that has none yet. */
export function freshInventory(): Inventory {
  return { kinds: [], hashKey: randomBytes(16).toString('hex'), stored: { kinds: 0, key: false } }
}

/** Reads a project's inventory; writes nothing. Throws KUBE_API. */
export async function readInventory(kube: Kube, project: string, signal: AbortSignal): Promise<Inventory> {
  const [kinds, key] = await Promise.all([
    kube.get({ ...map, ...metadataOf(project) }, signal),
    kube.get({ ...secret, ...metadataOf(project) }, signal),
  ])
  const stored = key && Buffer.from((key.data as { key?: string } | undefined)?.key ?? '', 'base64').toString()
  const list = JSON.parse((kinds?.data as { kinds?: string } | undefined)?.kinds ?? '[]') as KindRef[]
  return {
    kinds: list,
    hashKey: stored || freshInventory().hashKey,
    stored: { kinds: list.length, key: Boolean(stored) },
  }
}

/** The inventory with the kinds of these objects added. A kind that it has in another API version stays as it is. */
export function withKinds(inventory: Inventory, objects: readonly KubeObject[]): Inventory {
  const kinds = new Map(inventory.kinds.map((kind) => [groupKindOf(kind), kind]))
  for (const { apiVersion, kind } of objects) {
    const key = groupKindOf({ apiVersion, kind })
    if (!kinds.has(key)) kinds.set(key, { apiVersion, kind })
  }
  return { ...inventory, kinds: [...kinds.values()] }
}

/**
 * Writes what the cluster does not have yet. Must be called before an object of a new kind is applied. Throws KUBE_API.
 */
export async function saveInventory(
  kube: Kube,
  project: string,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<Inventory> {
  const { stored, kinds, hashKey } = inventory
  if (stored.key && stored.kinds === kinds.length) return inventory
  const metadata = { ...metadataOf(project), labels: { [labels.project]: project, [labels.managedBy]: 'devk' } }
  const home: KubeObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { [labels.managedBy]: 'devk' } },
  }
  const isNew = stored.kinds === 0 || !stored.key
  if (isNew) await untilNotTerminating(kube, signal)
  const key = { ...secret, metadata, type: 'Opaque', data: { key: Buffer.from(hashKey).toString('base64') } }
  const list = { ...map, metadata, data: { kinds: JSON.stringify(kinds) } }
  const objects = [...(isNew ? [home] : []), ...(stored.key ? [] : [key]), list]
  await applyPlan({ actions: objects.map((object) => updateOf(object)) }, { kube, signal, patienceMs: 0 })
  return { ...inventory, stored: { kinds: kinds.length, key: true } }
}

/** Deletes a project's inventory; with the last one of a cluster, devk's namespace too. Throws NOT_READY, KUBE_API. */
export async function removeInventory(kube: Kube, project: string, signal: AbortSignal): Promise<void> {
  const deps = { kube, signal, patienceMs: 0 }
  const presets = await kube.list(map, { namespace, labels: `${labels.project}=${project}`, signal })
  const records = presets.filter(({ metadata }) => metadata.name.startsWith(`${recordRef({ project }).name}.`))
  const own = [recordRef({ project }), ...[map, secret].map((kind) => ({ ...kind, ...metadataOf(project) }))]
  const found = await Promise.all(own.map((ref) => kube.get(ref, signal)))
  for (const object of [...records, ...found]) {
    if (object !== undefined) await applyPlan({ actions: [deletionOf(object)] }, deps)
  }
  const home = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, signal)
  const others = await kube.list(map, { namespace, labels: labels.project, signal })
  if (others.length > 0 || home?.metadata.labels?.[labels.managedBy] !== 'devk') return
  await applyPlan({ actions: [deletionOf(home)] }, deps)
  await untilNotTerminating(kube, signal)
}

/** Nothing can be created in a namespace that is being deleted, and a `down` that was killed may have left it so. */
async function untilNotTerminating(kube: Kube, signal: AbortSignal): Promise<void> {
  const home = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, signal)
  if (home?.metadata.deletionTimestamp === undefined) return
  await untilGone(refOf(home), home.metadata.uid ?? '', { kube, signal, timeoutMs: 60_000 })
}
