/**
 * `change` laid over `base`: objects are merged key by key, everything else (lists too) replaces what was there, and null takes
 * a key away. Neither is altered.
 */
export function deepMerge(base: unknown, change: unknown): unknown {
  if (!isRecord(base) || !isRecord(change)) return change
  const result: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key]
    else result[key] = deepMerge(result[key], value)
  }
  return result
}

/** A plain object, as opposed to a list, null or a scalar. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
