import type { KubeObject } from '../../kube/api.ts'
import { isRecord, recordOf } from '../../lib/record.ts'
import { canonicalJson } from '../hash.ts'
import type { FieldStep, GeneratedValue, RenderedObject } from '../rendered.ts'
import { keptText } from './generated-text.ts'

/**
 * The first of two renderings of the same chart, with the fields that differ from the second marked as generated. An
 * object whose name is generated too is the next one of its kind. Pure.
 */
export function markGenerated(first: readonly RenderedObject[], second: readonly RenderedObject[]): RenderedObject[] {
  const others = new Map(second.map(({ object }) => [idOf(object), object]))
  const known = new Set(first.map(({ object }) => idOf(object)))
  const unknown = second.map(({ object }) => object).filter((object) => !known.has(idOf(object)))
  const renamed = Map.groupBy(unknown, kindOf)
  return first.map((entry) => {
    const other = others.get(idOf(entry.object)) ?? renamed.get(kindOf(entry.object))?.shift()
    const generated = other === undefined ? [] : [...differences(entry.object, other, [])]
    return generated.length === 0 ? entry : { ...entry, generated }
  })
}

/** The existing object that has the place of a new one whose name is generated. Pure. */
export function sameButName(
  object: KubeObject,
  generated: readonly GeneratedValue[],
  existing: Iterable<KubeObject>,
): KubeObject | undefined {
  const name = generated.find(isName)
  if (name === undefined) return undefined
  const [value, other] = [String(name.value), String(name.other)]
  for (const candidate of existing) {
    const current = candidate.metadata.name
    if (kindOf(candidate) === kindOf(object) && keptText(value, other, current) === current) return candidate
  }
  return undefined
}

/** Whether the field is the name of the object. Pure. */
export function isName({ path }: GeneratedValue): boolean {
  return path.length === 2 && path[0] === 'metadata' && path[1] === 'name'
}

/** An object without its generated values. It is the same in each rendering. Pure. */
export function withoutGenerated(object: KubeObject, values: readonly GeneratedValue[]): KubeObject {
  const copy = structuredClone(object)
  for (const { path } of values) put(copy, path, null)
  return copy
}

/**
 * An object with the generated values of the existing one, as `lookup` would find them in the cluster. A field whose
 * fixed part has changed keeps what is still in it. Pure.
 */
export function keepGenerated(object: KubeObject, values: readonly GeneratedValue[], existing: KubeObject): KubeObject {
  const copy = structuredClone(object)
  for (const { path, value, other } of values) {
    // Something has changed the field since it was rendered.
    if (canonicalJson(at(copy, path) ?? null) !== canonicalJson(value)) continue
    const secret = copy.kind === 'Secret'
    const field = secret && path[0] === 'data' ? 'base64' : 'text'
    const kept = keptValue({ value, other, current: currentOf(existing, path, secret), field })
    if (kept !== undefined) put(copy, path, kept)
  }
  return copy
}

/** Whether the values of the existing object are those of the new one, so that hashes of them need not change. */
export function hasSameData(object: KubeObject, existing: KubeObject): boolean {
  const data = { ...recordOf(object.data), ...encoded(recordOf(object.stringData)) }
  const current = recordOf(existing.data)
  return Object.entries(data).every(([key, value]) => current[key] === value)
}

function idOf({ apiVersion, kind, metadata }: KubeObject): string {
  return canonicalJson([apiVersion, kind, metadata.namespace ?? '', metadata.name])
}

function kindOf({ apiVersion, kind, metadata }: KubeObject): string {
  return canonicalJson([apiVersion, kind, metadata.namespace ?? ''])
}

function* differences(a: unknown, b: unknown, path: readonly FieldStep[]): Generator<GeneratedValue> {
  if (isRecord(a) && isRecord(b)) {
    for (const key of Object.keys(a)) if (key in b) yield* differences(a[key], b[key], [...path, key])
  } else if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    for (const [index, item] of a.entries()) {
      const name = isRecord(item) && typeof item.name === 'string' ? item.name : undefined
      yield* differences(item, b[index], [...path, { index, name }])
    }
  } else if (typeof a !== 'object' && a !== b) yield { path, value: a, other: b }
}

interface Candidate {
  readonly value: unknown
  readonly other: unknown
  readonly current: unknown
  readonly field: 'base64' | 'text'
}

function keptValue({ value, other, current, field }: Candidate): unknown {
  if (typeof value !== typeof current) return undefined
  if (typeof value !== 'string' || typeof other !== 'string' || typeof current !== 'string') return current
  if (field === 'text') return keptText(value, other, current)
  const texts = [value, other, current].map(decoded)
  // What is not text, such as a keystore, is random as a whole.
  if (texts.some((text) => text === undefined)) return current
  const [a = '', b = '', c = ''] = texts
  return Buffer.from(keptText(a, b, c)).toString('base64')
}

function decoded(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'))
  } catch {
    return undefined
  }
}

/** The value of a field in the cluster. The server turns `stringData` of a Secret into `data`. */
function currentOf(existing: KubeObject, path: readonly FieldStep[], secret: boolean): unknown {
  if (!secret || path[0] !== 'stringData') return at(existing, path)
  const value = at(existing, ['data', ...path.slice(1)])
  return typeof value === 'string' ? decoded(value) : undefined
}

function at(value: unknown, path: readonly FieldStep[]): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (typeof step === 'string') return isRecord(inner) ? inner[step] : undefined
    return Array.isArray(inner) ? inner[placeOf(inner, step)] : undefined
  }, value)
}

function put(object: KubeObject, path: readonly FieldStep[], value: unknown): void {
  const home = at(object, path.slice(0, -1))
  const last = path.at(-1)
  if (typeof last === 'string' && isRecord(home)) home[last] = value
  else if (typeof last === 'object' && Array.isArray(home)) home[placeOf(home, last)] = value
}

function placeOf(list: readonly unknown[], { index, name }: Exclude<FieldStep, string>): number {
  return name === undefined ? index : list.findIndex((item) => isRecord(item) && item.name === name)
}

function encoded(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]),
  )
}
