import { labels } from '../../lib/keys.ts'
import type { DeletionWait } from '../apply.ts'
import { inhabitants } from '../deletion/inhabitants.ts'
import { forgetReleases } from '../hooks/record.ts'
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
  const objects = [...others, ...own]
  const homes = others.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)
  const inhabited = await inhabitants(kube, homes, { project, objects }, signal)
  const plan = removalOf({ objects, claims, shared, inhabited, pruneData })
  await pruneAndWait(plan, { ...options, project })
  for (const preset of unwanted) if (preset !== undefined) await forgetReleases(kube, { project, preset }, signal)
  return deletionsOf(plan).length
}
