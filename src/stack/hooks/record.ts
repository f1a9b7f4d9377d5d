import type { Kube, KubeObject } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import { applyPlan } from '../apply.ts'
import { deletionOf, updateOf } from '../plan.ts'

/**
 * The content hash of each Helm release that was brought up completely, by namespace and name. A release that is not
 * among them is yet to be installed; one with another hash is to be upgraded.
 */
export type ReleaseRecord = Readonly<Record<string, string>>

/** Whose record: that of a project's own releases, or that of one of its presets. */
export interface RecordOwner {
  readonly project: string
  readonly preset?: string
}

/** The ConfigMap with the record, in devk's own namespace. */
export const recordRef = ({ project, preset }: RecordOwner) => {
  const name = `devk-${project}-releases${preset === undefined ? '' : `.${preset}`}`
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'devk-system', name } as const
}

/** Reads the record; {} if there is none. Throws KUBE_API. */
export async function readReleases(kube: Kube, owner: RecordOwner, signal: AbortSignal): Promise<ReleaseRecord> {
  const found = await kube.get(recordRef(owner), signal)
  return JSON.parse((found?.data as { releases?: string } | undefined)?.releases ?? '{}') as ReleaseRecord
}

/** Writes the record. Devk's namespace must exist. Throws KUBE_API. */
export async function saveReleases(
  kube: Kube,
  owner: RecordOwner,
  releases: ReleaseRecord,
  signal: AbortSignal,
): Promise<void> {
  const { apiVersion, kind, ...metadata } = recordRef(owner)
  const own = { [labels.project]: owner.project, [labels.managedBy]: 'devk' }
  const data = { releases: JSON.stringify(releases) }
  const object: KubeObject = { apiVersion, kind, metadata: { ...metadata, labels: own }, data }
  await applyPlan({ actions: [updateOf(object)] }, { kube, signal, patienceMs: 0 })
}

/** Forgets the releases of a preset that is gone: when it comes back, they are installed. Throws KUBE_API. */
export async function forgetReleases(kube: Kube, owner: RecordOwner, signal: AbortSignal): Promise<void> {
  const found = await kube.get(recordRef(owner), signal)
  if (found !== undefined) await applyPlan({ actions: [deletionOf(found)] }, { kube, signal, patienceMs: 0 })
}
