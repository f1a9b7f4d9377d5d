import type { KubeObject } from '../kube/api.ts'
import { annotations, labels } from '../lib/keys.ts'
import { podTemplate } from '../manifests/workload.ts'
import type { DesiredObject } from './desired/configured.ts'

/** What `devk switch` wrote down at a Service. */
export interface Switched {
  readonly key: string
  /** What the manifests said at that time. */
  readonly manifest: string
  readonly to: string
}

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

export function switchedOf(service: KubeObject): Switched | undefined {
  const text = service.metadata.annotations?.[annotations.switched] ?? ''
  const [, key = '', manifest = '', to = ''] = /^([^=]+)=([^>]*)>(.*)$/.exec(text) ?? []
  return key === '' ? undefined : { key, manifest, to }
}

/** A Service (as devk applied it) that chooses another colour, with the note that keeps `up` from taking it back. Pure. */
export function withColour(applied: KubeObject, key: string, manifest: string, to: string): KubeObject {
  const { [annotations.switched]: _, ...others } = applied.metadata.annotations ?? {}
  const note = manifest === to ? {} : { [annotations.switched]: `${key}=${manifest}>${to}` }
  const spec = { ...(applied.spec as object), selector: { ...selectorOf(applied), [key]: to } }
  return { ...applied, metadata: { ...applied.metadata, annotations: { ...others, ...note } }, spec }
}

export function selectorOf({ spec }: KubeObject): Readonly<Record<string, string>> {
  return (spec as { selector?: Record<string, string> } | undefined)?.selector ?? {}
}

export function labelsOf(workload: KubeObject): Readonly<Record<string, string>> {
  return podTemplate(workload)?.metadata?.labels ?? {}
}
