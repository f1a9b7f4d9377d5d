import { createHmac } from 'node:crypto'
import type { KubeObject } from '../kube/api.ts'
import { labels } from '../lib/keys.ts'

/** JSON with sorted keys and without undefined values. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
}

/**
 * HMAC-SHA256 of a value, 32 hex digits. It needs a key, because with a plain hash anyone who can read the label could
 * guess short passwords from it.
 */
export function contentHash(value: unknown, key: string): string {
  return createHmac('sha256', key).update(canonicalJson(value)).digest('hex').slice(0, 32)
}

/** The object with the label devk.dev/hash: the hash of everything in it except this label. */
export function withHash(object: KubeObject, key: string): KubeObject {
  const { [labels.hash]: _, ...others } = object.metadata.labels ?? {}
  const bare = { ...object, metadata: { ...object.metadata, labels: others } }
  return { ...bare, metadata: { ...bare.metadata, labels: { ...others, [labels.hash]: contentHash(bare, key) } } }
}
