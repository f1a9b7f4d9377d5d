import type { Kube } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import type { ScalePlace } from '../../manifests/scale/rule.ts'

const isDefault = 'storageclass.kubernetes.io/is-default-class'

/**
 * The cluster's storage classes without the project's own, and the provisioner of the default one; undefined if there
 * is no default.
 */
export async function readStorage(kube: Kube, project: string, signal: AbortSignal): Promise<ScalePlace['storage']> {
  const all = await kube.list({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }, { signal })
  const others = all.filter(({ metadata }) => metadata.labels?.[labels.project] !== project)
  const standard = others.find(({ metadata }) => metadata.annotations?.[isDefault] === 'true')
  if (standard === undefined) return undefined
  return { classes: others.map(({ metadata }) => metadata.name), provisioner: String(standard.provisioner) }
}
