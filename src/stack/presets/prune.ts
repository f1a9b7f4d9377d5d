import type { Kube, KubeObject } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import { inParallel } from '../../lib/parallel.ts'
import type { DeletionWait } from '../apply.ts'
import { deletionsOf } from '../plan.ts'
import { pruneAndWait, removalOf, sharedDefinitions } from '../remove.ts'
import type { PresetStack } from './presets.ts'

/** How to wait for the deletions, and what may be deleted. */
export interface PruneOptions extends DeletionWait {
  /** Also delete the volume claims of these presets. */
  readonly pruneData: boolean
}

/**
 * Deletes the objects of presets that are no longer wanted. Volume claims are kept unless `pruneData` is set, a
 * namespace as long as it contains other objects, and a custom resource definition as long as others use it.
 * Returns how many objects were deleted. Throws NOT_READY, KUBE_API.
 */
export async function prunePresets(
  { project, surplus, observed }: PresetStack,
  options: PruneOptions,
): Promise<number> {
  if (surplus.length === 0) return 0
  const { kube, signal, pruneData } = options
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
  const unwanted = new Set(surplus.map(({ metadata }) => metadata.labels?.[labels.preset]))
  for (const { metadata } of observed.ours)
    if (!surplus.some((object) => object.metadata.uid === metadata.uid))
      unwanted.delete(metadata.labels?.[labels.preset])
  const claims = await kube.list(claim, { signal })
  const own = claims.filter(({ metadata }) => {
    const { [labels.project]: owner, [labels.preset]: preset } = metadata.labels ?? {}
    return owner === project && preset !== undefined && unwanted.has(preset)
  })
  const others = surplus.filter(({ kind }) => kind !== claim.kind)
  const shared = await sharedDefinitions(kube, project, others, signal)
  const plan = removalOf({ objects: [...others, ...own], claims, shared, pruneData })
  const deleted = new Set(deletionsOf(plan).map(({ uid }) => uid))
  const inUse = await namespacesInUse(kube, others, deleted, signal)
  const actions = plan.actions.filter((action) => {
    return !('ref' in action && action.ref.kind === 'Namespace' && inUse.has(action.ref.name))
  })
  await pruneAndWait({ actions }, options)
  return deletionsOf({ actions }).length
}

/** Kinds that a namespace is searched for. */
const contents = [
  'v1 Pod',
  'v1 Service',
  'v1 ConfigMap',
  'v1 Secret',
  'v1 PersistentVolumeClaim',
  'apps/v1 Deployment',
].concat(['apps/v1 StatefulSet', 'apps/v1 DaemonSet', 'networking.k8s.io/v1 Ingress'])

/** The namespaces among `objects` that contain something else than the deleted objects (by UID). */
async function namespacesInUse(
  kube: Kube,
  objects: readonly KubeObject[],
  deleted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Set<string>> {
  const found = new Set<string>()
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)
  const kinds = contents.map((text) => text.split(' ') as [string, string])
  await inParallel(
    namespaces.flatMap((namespace) => kinds.map(([apiVersion, kind]) => ({ namespace, apiVersion, kind }))),
    8,
    async ({ namespace, ...kind }) => {
      const listed = await kube.list(kind, { namespace, signal })
      if (listed.some((object) => isOther(object, deleted))) found.add(namespace)
    },
  )
  return found
}

/** Kubernetes puts its root certificates into every namespace. Objects of presets are deleted with their owners. */
function isOther({ metadata }: KubeObject, deleted: ReadonlySet<string>): boolean {
  if (metadata.name === 'kube-root-ca.crt' || metadata.deletionTimestamp !== undefined) return false
  return !deleted.has(metadata.uid ?? '') && metadata.labels?.[labels.preset] === undefined
}
