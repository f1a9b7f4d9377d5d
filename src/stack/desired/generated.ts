import { type KubeObject, keyOf } from '../../kube/api.ts'
import { hasSameData, keepGenerated } from '../../manifests/helm/generated.ts'
import type { RenderedObject } from '../../manifests/rendered.ts'
import { podTemplate } from '../../manifests/workload.ts'

/**
 * Objects with the generated values that the cluster has already. A chart writes hashes of its Secrets and ConfigMaps
 * into pod templates; these are generated values too, and are kept unless one of the Secrets or ConfigMaps changes.
 * Pure.
 */
export function withGenerated<T extends RenderedObject>(
  objects: readonly T[],
  existing: ReadonlyMap<string, KubeObject>,
): T[] {
  const kept = objects.map((entry): T => {
    const current = existing.get(keyOf(entry.object))
    if (entry.generated === undefined || current === undefined) return entry
    return { ...entry, object: keepGenerated(entry.object, entry.generated, current) }
  })
  const changes = kept.some(({ object, generated }) => {
    const current = existing.get(keyOf(object))
    const holdsData = object.kind === 'Secret' || object.kind === 'ConfigMap'
    return holdsData && generated !== undefined && (current === undefined || !hasSameData(object, current))
  })
  return changes
    ? kept.map((entry, i) => (podTemplate(entry.object) === undefined ? entry : (objects[i] ?? entry)))
    : kept
}
