import type { Kube, KubeObject } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import { applyPlan } from '../apply.ts'
import { updateOf } from '../plan.ts'

/**
 * The content hash of each Helm release that was brought up completely, by namespace and name. A release that is not
 * among them is yet to be installed; one with another hash is to be upgraded.
 */
export type ReleaseRecord = Readonly<Record<string, string>>

/** The ConfigMap with the record, in devk's own namespace. */
export const recordRef = (project: string) =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'devk-system', name: `devk-${project}-releases` }) as const

/** Reads the record; {} if there is none. Throws KUBE_API. */
export async function readReleases(kube: Kube, project: string, signal: AbortSignal): Promise<ReleaseRecord> {
  const found = await kube.get(recordRef(project), signal)
  return JSON.parse((found?.data as { releases?: string } | undefined)?.releases ?? '{}') as ReleaseRecord
}

/** Writes the record. Devk's namespace must exist. Throws KUBE_API. */
export async function saveReleases(
  kube: Kube,
  project: string,
  releases: ReleaseRecord,
  signal: AbortSignal,
): Promise<void> {
  const { apiVersion, kind, ...metadata } = recordRef(project)
  const own = { [labels.project]: project, [labels.managedBy]: 'devk' }
  const data = { releases: JSON.stringify(releases) }
  const object: KubeObject = { apiVersion, kind, metadata: { ...metadata, labels: own }, data }
  await applyPlan({ actions: [updateOf(object)] }, { kube, signal, patienceMs: 0 })
}
