import { mostLevels } from './depth.ts'

/** A value that can be sent between threads. */
export interface Packed {
  /** The value, with null where a function or a symbol is. */
  readonly value: unknown
  /** Where functions and symbols are. They are mistakes in a configuration, which its check reports. */
  readonly others: readonly { readonly path: readonly (string | number)[]; readonly type: 'function' | 'symbol' }[]
}

/** Packs a value. Of one with more levels than a configuration may have, at least one level too many is left. Pure. */
export function packed(value: unknown): Packed {
  const others: Packed['others'][number][] = []
  const copies = new Map<object, object>()
  const copy = (from: unknown, path: readonly (string | number)[]): unknown => {
    if (typeof from === 'function' || typeof from === 'symbol') {
      others.push({ path, type: typeof from === 'function' ? 'function' : 'symbol' })
      return null
    }
    if (typeof from !== 'object' || from === null || from instanceof Date || from instanceof RegExp) return from
    const known = copies.get(from)
    if (known !== undefined) return known
    const to: object = Array.isArray(from) ? [] : {}
    copies.set(from, to)
    if (path.length > mostLevels) return to
    for (const [key, inner] of Object.entries(from)) {
      const place = Array.isArray(from) ? Number(key) : key
      const content = copy(inner, [...path, place])
      // Assigning `__proto__` would make no property.
      Object.defineProperty(to, key, { value: content, enumerable: true, writable: true, configurable: true })
    }
    return to
  }
  return { value: copy(value, []), others }
}

/** The value that was packed. Each of its functions does nothing. */
export function unpacked({ value, others }: Packed): unknown {
  const root = { value }
  for (const { path, type } of others) {
    const places = ['value', ...path]
    const last = places.pop() as string | number
    const holder = places.reduce<unknown>((within, key) => (within as Record<string, unknown>)[key], root)
    ;(holder as Record<string, unknown>)[last] = type === 'function' ? () => {} : Symbol('of the configuration')
  }
  return root.value
}
