import { type KubeObject, labels } from '../kube/api.ts'
import { labelsOf, selectorOf, switchedOf, withColour } from './colours.ts'
import type { DesiredObject } from './configured.ts'

/**
 * The wanted object with what `devk switch` decided: a Service keeps its colour as long as the manifests say the same as they did
 * then, and something of that colour is wanted. Otherwise the manifests win. Pure.
 */
export function carried(entry: DesiredObject, there: KubeObject, wanted: readonly DesiredObject[]): DesiredObject {
  const decided = there.kind === 'Service' ? switchedOf(there) : undefined
  if (decided === undefined) return entry
  const { key, manifest, to } = decided
  if (selectorOf(entry.object)[key] !== manifest) return entry
  const isThere = wanted.some(({ object }) => labelsOf(object)[key] === to)
  return isThere ? { ...entry, object: withColour(entry.object, key, manifest, to) } : entry
}

/** Whether an object is as wanted: the same hash, and nothing of a release command on it that is to go. */
export function isCurrent(entry: DesiredObject, there: KubeObject): boolean {
  const same = there.metadata.labels?.[labels.hash] === entry.object.metadata.labels?.[labels.hash]
  return same && switchedOf(there)?.to === switchedOf(entry.object)?.to
}
