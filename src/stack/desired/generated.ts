import { type KubeObject, keyOf } from '../../kube/api.ts'
import { hasSameData, isName, keepGenerated, sameButName } from '../../manifests/helm/generated.ts'
import type { GeneratedValue, RenderedObject } from '../../manifests/rendered.ts'
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
  const wanted = new Set(objects.map(({ object }) => keyOf(object)))
  const free = new Set([...existing.values()].filter((object) => !wanted.has(keyOf(object))))
  const currents = objects.map(({ object, generated }) => {
    if (generated === undefined) return undefined
    const current = existing.get(keyOf(object)) ?? sameButName(object, generated, free)
    if (current !== undefined) free.delete(current)
    return current
  })
  const keep = (which: (value: GeneratedValue) => boolean) =>
    objects.map((entry, i): T => {
      const current = currents[i]
      if (entry.generated === undefined || current === undefined) return entry
      return { ...entry, object: keepGenerated(entry.object, entry.generated.filter(which), current) }
    })
  const kept = keep(() => true)
  const changes = kept.some(({ object, generated }, i) => {
    const current = currents[i]
    const holdsData = object.kind === 'Secret' || object.kind === 'ConfigMap'
    return holdsData && generated !== undefined && (current === undefined || !hasSameData(object, current))
  })
  if (!changes) return kept
  const named = keep(isName)
  return kept.map((entry, i) => (podTemplate(entry.object) === undefined ? entry : (named[i] ?? entry)))
}
