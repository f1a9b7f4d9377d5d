import type { KubeObject } from './api.ts'

/**
 * What devk itself applied of an object, as the server remembers it in `managedFields`: an object that, applied again,
 * changes nothing. Fields of controllers, autoscalers and kubectl are not in it. undefined when devk never applied it.
 */
export function appliedByDevk(object: KubeObject): KubeObject | undefined {
  const entry = object.metadata.managedFields?.find(
    ({ manager, operation, subresource }) => manager === 'devk' && operation === 'Apply' && !subresource,
  )
  if (entry?.fieldsV1 === undefined) return undefined
  const own = extract(object, entry.fieldsV1) as Partial<KubeObject>
  const { name, namespace } = object.metadata
  return {
    ...own,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...own.metadata, name, ...(namespace === undefined ? {} : { namespace }) },
  }
}

/**
 * FieldsV1: `f:NAME` is a field, `k:KEYS` the list item with these keys, `v:VALUE` an item of a set, `.` the thing itself;
 * an empty mapping owns all that is below it.
 */
function extract(live: unknown, fields: unknown): unknown {
  const entries = Object.entries((fields ?? {}) as Record<string, unknown>)
  if (entries.length === 0) return live
  const inner = entries.filter(([key]) => key !== '.')
  if (Array.isArray(live)) return live.flatMap((item) => listItem(item, inner))
  if (!isRecord(live)) return live
  return Object.fromEntries(
    inner.flatMap(([key, below]) => {
      const name = key.slice(2)
      return key.startsWith('f:') && name in live ? [[name, extract(live[name], below)]] : []
    }),
  )
}

function listItem(item: unknown, entries: readonly (readonly [string, unknown])[]): unknown[] {
  for (const [key, below] of entries) {
    const wanted: unknown = JSON.parse(key.slice(2))
    if (key.startsWith('v:') && item === wanted) return [item]
    if (!key.startsWith('k:') || !isRecord(item) || !isRecord(wanted)) continue
    if (!Object.entries(wanted).every(([name, value]) => item[name] === value)) continue
    return [extract(item, below)]
  }
  return []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
