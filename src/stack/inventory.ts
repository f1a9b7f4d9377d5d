import { randomBytes } from 'node:crypto'
import { groupKindOf, type KindRef, type Kube, type KubeObject, refOf } from '../kube/api.ts'
import { labels } from '../lib/keys.ts'
import { untilGone } from './apply.ts'

/** What a project keeps in its cluster about itself, so that `down` and `prune` work from any checkout. */
export interface Inventory {
  /** Every kind of object that the project ever applied. */
  readonly kinds: readonly KindRef[]
  /** Key of the content hashes; a new one when the cluster has none yet. */
  readonly hashKey: string
  /** What is stored already; the rest has to be written before anything is applied. */
  readonly stored: { readonly kinds: number; readonly key: boolean }
}

const namespace = 'devk-system'
const named = (project: string) => ({ name: `devk-${project}`, namespace })
const map = { apiVersion: 'v1', kind: 'ConfigMap' } as const
const secret = { apiVersion: 'v1', kind: 'Secret' } as const

/** The inventory of a project that has none yet. */
export function freshInventory(): Inventory {
  return { kinds: [], hashKey: randomBytes(16).toString('hex'), stored: { kinds: 0, key: false } }
}

/** Reads a project's inventory; writes nothing. */
export async function readInventory(kube: Kube, project: string, signal: AbortSignal): Promise<Inventory> {
  const [kinds, key] = await Promise.all([
    kube.get({ ...map, ...named(project) }, signal),
    kube.get({ ...secret, ...named(project) }, signal),
  ])
  const stored = key && Buffer.from((key.data as { key?: string } | undefined)?.key ?? '', 'base64').toString()
  const list = JSON.parse((kinds?.data as { kinds?: string } | undefined)?.kinds ?? '[]') as KindRef[]
  return {
    kinds: list,
    hashKey: stored || freshInventory().hashKey,
    stored: { kinds: list.length, key: Boolean(stored) },
  }
}

/** The inventory with the kinds of these objects added; a newer API version takes the place of an older one. */
export function withKinds(inventory: Inventory, objects: readonly KubeObject[]): Inventory {
  const kinds = new Map(inventory.kinds.map((kind) => [groupKindOf(kind), kind]))
  for (const { apiVersion, kind } of objects) {
    if (!kinds.has(groupKindOf({ apiVersion, kind })))
      kinds.set(groupKindOf({ apiVersion, kind }), { apiVersion, kind })
  }
  return { ...inventory, kinds: [...kinds.values()] }
}

/** Writes what is not stored yet. To be called before anything of a new kind is applied. */
export async function saveInventory(
  kube: Kube,
  project: string,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<Inventory> {
  const { stored, kinds, hashKey } = inventory
  if (stored.key && stored.kinds === kinds.length) return inventory
  const own = { [labels.project]: project, [labels.managedBy]: 'devk' }
  const metadata = { ...named(project), labels: own }
  const home = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { [labels.managedBy]: 'devk' } },
  }
  const options = { force: true, signal }
  if (stored.kinds === 0 || !stored.key) {
    await untilNotVanishing(kube, signal)
    await kube.apply(home, options)
  }
  if (!stored.key)
    await kube.apply(
      { ...secret, metadata, type: 'Opaque', data: { key: Buffer.from(hashKey).toString('base64') } },
      options,
    )
  await kube.apply({ ...map, metadata, data: { kinds: JSON.stringify(kinds) } }, options)
  return { ...inventory, stored: { kinds: kinds.length, key: true } }
}

/** Deletes a project's inventory, and devk's namespace with the last of them. */
export async function removeInventory(kube: Kube, project: string, signal: AbortSignal): Promise<void> {
  for (const kind of [map, secret]) await drop(kube, await kube.get({ ...kind, ...named(project) }, signal), signal)
  const home = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, signal)
  const others = await kube.list(map, { namespace, labels: labels.project, signal })
  if (others.length > 0 || home?.metadata.labels?.[labels.managedBy] !== 'devk') return
  await drop(kube, home, signal)
  await untilNotVanishing(kube, signal)
}

/** A namespace that is being deleted takes nothing in; a `down` that was killed may have left one so. */
async function untilNotVanishing(kube: Kube, signal: AbortSignal): Promise<void> {
  const home = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, signal)
  if (home?.metadata.deletionTimestamp === undefined) return
  await untilGone(refOf(home), home.metadata.uid ?? '', { kube, signal, patienceMs: 60_000 })
}

async function drop(kube: Kube, object: KubeObject | undefined, signal: AbortSignal): Promise<void> {
  const uid = object?.metadata.uid
  if (object !== undefined && uid !== undefined)
    await kube.delete(refOf(object), { uid, propagation: 'Background', signal })
}
