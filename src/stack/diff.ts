import type { KubeObject } from '../kube/api.ts'
import { appliedByDevk } from '../kube/managed.ts'
import { labels as keys } from '../lib/keys.ts'
import { canonicalJson } from '../manifests/hash.ts'

/** A field that applying an object would change. A value is undefined if the field does not exist on that side. */
export interface FieldChange {
  /** `spec.template.spec.containers[app].image` */
  readonly path: string
  readonly from: string | undefined
  readonly to: string | undefined
}

/** The fields that differ between what devk applied last and what is wanted. Values of Secrets are hidden. Pure. */
export function fieldChanges(existing: KubeObject, wanted: KubeObject): FieldChange[] {
  const before = appliedByDevk(existing) ?? existing
  const found = [...differences('', withoutHash(before), withoutHash(wanted))]
  return wanted.kind === 'Secret' ? found.map(hidden) : found
}

/** The object without its hash, which differs whenever another field does. */
function withoutHash({ metadata, ...object }: KubeObject): Record<string, unknown> {
  const { [keys.hash]: _, ...labels } = metadata.labels ?? {}
  return { ...object, metadata: { labels, annotations: metadata.annotations ?? {} } }
}

function* differences(path: string, before: unknown, after: unknown): Generator<FieldChange> {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return
  const [a, b] = [entriesOf(before), entriesOf(after)]
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
    const names = value.map((item: unknown) =>
      isFields(item) && typeof item.name === 'string' ? item.name : undefined,
    )
    if (names.some((name) => name === undefined) || new Set(names).size < names.length) return undefined
    return new Map(value.map((item, i) => [names[i] ?? '', item]))
  }
  return isFields(value) ? new Map(Object.entries(value)) : undefined
}

function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function hidden({ path, from, to }: FieldChange): FieldChange {
  const hide = (text: string | undefined) => (text === undefined ? undefined : '(hidden)')
  return /^(data|stringData)\b/.test(path) ? { path, from: hide(from), to: hide(to) } : { path, from, to }
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
