import type { KubeObject } from '../kube/api.ts'
import { appliedByDevk } from '../kube/managed.ts'
import { labels as keys } from '../lib/keys.ts'
import { canonicalJson } from '../manifests/hash.ts'

/** One field that applying an object would change; undefined on the side where it is not. */
export interface FieldChange {
  readonly path: string
  readonly from: string | undefined
  readonly to: string | undefined
}

/**
 * What differs between what devk applied last and what is wanted, field by field. Values of Secrets are not shown.
 * Pure.
 */
export function fieldChanges(there: KubeObject, wanted: KubeObject): FieldChange[] {
  const before = appliedByDevk(there) ?? there
  const found = [...compare('', withoutHash(before), withoutHash(wanted))]
  return wanted.kind === 'Secret' ? found.map(hidden) : found
}

/** The hash tells only that something differs. */
function withoutHash({ metadata, ...object }: KubeObject): Record<string, unknown> {
  const { [keys.hash]: _, ...labels } = metadata.labels ?? {}
  return { ...object, metadata: { labels, annotations: metadata.annotations ?? {} } }
}

function* compare(path: string, before: unknown, after: unknown): Generator<FieldChange> {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return
  const [a, b] = [entriesOf(before), entriesOf(after)]
  if (a === undefined || b === undefined) {
    yield { path, from: shown(before), to: shown(after) }
    return
  }
  const inList = Array.isArray(before) || Array.isArray(after)
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const below = inList ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${key}`
    yield* compare(below, a.get(key), b.get(key))
  }
}

/** Fields of a mapping, and items of a list that go by their names; undefined for all that is compared as a whole. */
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
