import type { Kube, KubeObject } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import { inParallel } from '../../lib/parallel.ts'
import { foreignInstances, type RemoveOptions, removal, removeObjects } from '../remove.ts'
import type { PresetStack } from './presets.ts'

/**
 * Deletes what presets brought that are no longer wanted, but volume claims only with `pruneData`. A namespace stays while anything
 * else is in it, a definition while others use it. Gives how many objects were deleted. Throws NOT_READY, KUBE_API.
 */
export async function prunePresets(
  kube: Kube,
  { project, surplus, observed }: PresetStack,
  options: RemoveOptions,
): Promise<number> {
  if (surplus.length === 0) return 0
  const { signal } = options
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
  const gone = new Set(surplus.map(({ metadata }) => metadata.labels?.[labels.preset]))
  for (const { metadata } of observed.ours)
    if (!surplus.some((object) => object.metadata.uid === metadata.uid)) gone.delete(metadata.labels?.[labels.preset])
  const claims = await kube.list(claim, { signal })
  const own = claims.filter(({ metadata }) => {
    const { [labels.project]: owner, [labels.preset]: preset } = metadata.labels ?? {}
    return owner === project && preset !== undefined && gone.has(preset)
  })
  const objects = surplus.filter(({ kind }) => kind !== claim.kind)
  const foreign = await foreignInstances(kube, project, objects, signal)
  const plan = removal([...objects, ...own], claims, foreign, options.pruneData)
  const going = new Set(plan.delete.map(({ uid }) => uid))
  const inhabited = await inhabitedNamespaces(kube, objects, going, signal)
  await removeObjects(
    kube,
    plan.delete.filter(({ ref }) => ref.kind !== 'Namespace' || !inhabited.has(ref.name)),
    options,
  )
  return plan.delete.length
}

const inhabitants = [
  'v1 Pod',
  'v1 Service',
  'v1 ConfigMap',
  'v1 Secret',
  'v1 PersistentVolumeClaim',
  'apps/v1 Deployment',
].concat(['apps/v1 StatefulSet', 'apps/v1 DaemonSet', 'networking.k8s.io/v1 Ingress'])

/** Namespaces among `objects` that hold something which is not going. */
async function inhabitedNamespaces(
  kube: Kube,
  objects: readonly KubeObject[],
  going: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Set<string>> {
  const found = new Set<string>()
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)
  const kinds = inhabitants.map((text) => text.split(' ') as [string, string])
  await inParallel(
    namespaces.flatMap((namespace) => kinds.map(([apiVersion, kind]) => ({ namespace, apiVersion, kind }))),
    8,
    async ({ namespace, ...kind }) => {
      const there = await kube.list(kind, { namespace, signal })
      if (there.some((object) => stays(object, going))) found.add(namespace)
    },
  )
  return found
}

/** Kubernetes puts a bundle of certificates into every namespace; pods of a preset go with it. */
function stays({ metadata }: KubeObject, going: ReadonlySet<string>): boolean {
  if (metadata.name === 'kube-root-ca.crt' || metadata.deletionTimestamp !== undefined) return false
  return !going.has(metadata.uid ?? '') && metadata.labels?.[labels.preset] === undefined
}
