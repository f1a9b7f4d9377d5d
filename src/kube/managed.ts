import { isRecord } from '../lib/record.ts'
import type { KubeObject } from './api.ts'

/**
 * The part of an object that devk applied, according to `managedFields`. To apply it again changes nothing. It has no
 * fields that controllers, autoscalers or kubectl own. undefined when devk never applied the object.
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
 * Reads FieldsV1, as the Kubernetes API reference describes it: `f:NAME` is a field, `k:KEYS` is the list item with
 * these keys, `v:VALUE` is an item of a set, `.` is the object itself. An empty mapping owns everything below it.
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
