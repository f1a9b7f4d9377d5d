import type { KubeObject } from '../kube/api.ts'
import { annotations, labels } from '../lib/keys.ts'
import { labelsOf, selectorOf } from '../manifests/service.ts'
import type { DesiredObject } from './desired/configured.ts'

/** What `devk switch` has recorded in an annotation of a Service. */
export interface Switched {
  /** Key of the label in the selector: `color`. */
  readonly key: string
  /** The label's value in the manifests at that time. */
  readonly manifest: string
  /** The value that it was switched to. */
  readonly to: string
}

/**
 * The wanted object with the colour that `devk switch` has chosen. A Service keeps that colour as long as the manifests
 * have the same value as at the time of the switch, and a wanted workload has the colour. Otherwise the manifests win.
 * Pure.
 */
export function carried(entry: DesiredObject, existing: KubeObject, wanted: readonly DesiredObject[]): DesiredObject {
  const switched = existing.kind === 'Service' ? switchedOf(existing) : undefined
  if (switched === undefined) return entry
  const { key, manifest, to } = switched
  if (selectorOf(entry.object)[key] !== manifest) return entry
  const hasColour = wanted.some(({ object }) => labelsOf(object)[key] === to)
  return hasColour ? { ...entry, object: withColour(entry.object, switched) } : entry
}

/** Whether the existing object is the wanted one: the same hash, and the same switch. */
export function isCurrent(entry: DesiredObject, existing: KubeObject): boolean {
  const same = existing.metadata.labels?.[labels.hash] === entry.object.metadata.labels?.[labels.hash]
  return same && switchedOf(existing)?.to === switchedOf(entry.object)?.to
}

/** What `devk switch` has recorded at a Service; undefined if it is as the manifests say. Pure. */
export function switchedOf(service: KubeObject): Switched | undefined {
  const text = service.metadata.annotations?.[annotations.switched] ?? ''
  const [, key = '', manifest = '', to = ''] = /^([^=]+)=([^>]*)>(.*)$/.exec(text) ?? []
  return key === '' ? undefined : { key, manifest, to }
}

/**
 * A Service, as devk applied it, with another colour in its selector and the record of it, which `up` respects. Pure.
 */
export function withColour(applied: KubeObject, { key, manifest, to }: Switched): KubeObject {
  const { [annotations.switched]: _, ...others } = applied.metadata.annotations ?? {}
  const record = manifest === to ? {} : { [annotations.switched]: `${key}=${manifest}>${to}` }
  const spec = { ...(applied.spec as object), selector: { ...selectorOf(applied), [key]: to } }
  return { ...applied, metadata: { ...applied.metadata, annotations: { ...others, ...record } }, spec }
}
