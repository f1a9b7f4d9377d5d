/**
 * Merges `change` into `base` and returns the result; neither argument changes. Objects are merged key by key. All
 * other values, including lists, replace the value of `base`. null removes a key.
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

/** Whether a value is an object, and not a list or null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
