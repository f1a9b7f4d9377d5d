import type { KubeObject } from '../kube/api.ts'
import { appliedByDevk } from '../kube/managed.ts'
import { labels as keys } from '../lib/keys.ts'
import { isRecord } from '../lib/record.ts'
import { canonicalJson } from '../manifests/hash.ts'

/** A field that applying an object would change. A value is undefined if the field does not exist on that side. */
export interface FieldChange {
  /** `spec.template.spec.containers[app].image` */
  readonly path: string
  readonly from: string | undefined
  readonly to: string | undefined
}

/**
 * The fields that differ between the existing object and the `preview`, which the server has completed with its
 * defaults; without one, between what devk applied last and what is wanted. Values of Secrets are hidden. Pure.
 */
export function fieldChanges(existing: KubeObject, wanted: KubeObject, preview?: KubeObject): FieldChange[] {
  const applied = appliedByDevk(existing) ?? existing
  const [before, after] = preview === undefined ? [applied, wanted] : [existing, preview]
  const all = [...differences('', withoutHash(before), withoutHash(after))]
  // A new object would get other values of the fields that the server itself fills in, such as a cluster IP.
  const meant = [applied, wanted].map((object) => withoutHash(object))
  const found = all.filter(({ path }) => meant.some((object) => has(object, path)))
  return wanted.kind === 'Secret' ? found.map(hidden) : found
}

/** The object without its hash, which differs whenever another field does. */
function withoutHash({ metadata, ...object }: KubeObject): Record<string, unknown> {
  const { [keys.hash]: _, ...labels } = metadata.labels ?? {}
  return { ...object, metadata: { labels, annotations: metadata.annotations ?? {} } }
}

/** Whether the object has a value at the path, or above it: an empty mapping or a list owns all below it. */
function has(object: Record<string, unknown>, path: string): boolean {
  let at: unknown = object
  for (const [, dotted, inList] of path.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)) {
    const below = entriesOf(at)
    if (below === undefined) return at !== undefined
    if (below.size > 0 && !below.has(dotted ?? inList ?? '')) return false
    at = below.get(dotted ?? inList ?? '')
  }
  return true
}

function* differences(path: string, before: unknown, after: unknown): Generator<FieldChange> {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return
  // What exists on one side only is shown field by field, too.
  const a = entriesOf(before ?? (entriesOf(after) && (Array.isArray(after) ? [] : {})))
  const b = entriesOf(after ?? (entriesOf(before) && (Array.isArray(before) ? [] : {})))
  if (a === undefined || b === undefined) {
    yield { path, from: shown(before), to: shown(after) }
    return
  }
  const inList = Array.isArray(before) || Array.isArray(after)
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const below = inList ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${key}`
    yield* differences(below, a.get(key), b.get(key))
  }
}

/**
 * The fields of a mapping, or the items of a list by their names; undefined for a value that is compared as a whole.
 */
function entriesOf(value: unknown): Map<string, unknown> | undefined {
  if (Array.isArray(value)) {
    if (!value.every(isRecord)) return undefined
    const names = value.map(nameOfItem)
    const named = names.every((name) => name !== undefined) && new Set(names).size === names.length
    return new Map(value.map((item, i) => [named ? (names[i] ?? '') : String(i), item]))
  }
  return isRecord(value) ? new Map(Object.entries(value)) : undefined
}

/** By what the API server tells the items of such lists apart. */
function nameOfItem(item: Record<string, unknown>): string | undefined {
  const { name = (item.metadata as { name?: unknown } | undefined)?.name } = item
  const key = name ?? item.mountPath ?? item.containerPort ?? item.port ?? item.ip ?? item.topologyKey
  return typeof key === 'string' || typeof key === 'number' ? String(key) : undefined
}

function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function hidden({ path, from, to }: FieldChange): FieldChange {
  const hide = (text: string | undefined) => (text === undefined ? undefined : '(hidden)')
  return /^(data|stringData)\b/.test(path) ? { path, from: hide(from), to: hide(to) } : { path, from, to }
}
