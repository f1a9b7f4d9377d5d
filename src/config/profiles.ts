import { DevkError } from '../errors.ts'
import { isRecord } from '../lib/record.ts'
import { nearest } from '../lib/text.ts'
import { type ConfigPath, formatPath } from './problems.ts'

/** Lists whose order is their meaning, so that a later profile replaces them as a whole. */
const sequences = new Set(['command', 'args'])

/**
 * Applies profiles in this order. Objects are merged key by key; a key that ends with `+` adds to a list; other values,
 * lists too, replace the value before; null removes a key. Throws CONFIG_INVALID for an unknown profile, and when one
 * profile replaces the list of another: its entries would be lost without a word. `shown` is the name of the file.
 */
export function applyProfiles(written: unknown, names: readonly string[], shown: string): unknown {
  if (!isRecord(written)) return written
  const profiles = isRecord(written.profiles) ? written.profiles : {}
  const lists = new Map<string, SetList>()
  return names.reduce<unknown>((config, profile) => {
    if (!Object.hasOwn(profiles, profile)) throw unknownProfile(profile, Object.keys(profiles), shown)
    return merged(config, profiles[profile], { path: [], profile, shown, lists })
  }, written)
}

/** A list that a profile set. */
interface SetList {
  readonly profile: string
  readonly value: unknown
}

interface Merging {
  readonly path: ConfigPath
  readonly profile: string
  readonly shown: string
  /** The lists that earlier profiles set, by path. */
  readonly lists: Map<string, SetList>
}

function merged(base: unknown, change: unknown, merging: Merging): unknown {
  if (!isRecord(base) || !isRecord(change)) {
    noteLists(change, merging)
    return change
  }
  const result: Record<string, unknown> = { ...base }
  // Additions come last, so that a profile may replace a list and add to it in any order.
  const entries = Object.entries(change).sort(([a], [b]) => Number(a.endsWith('+')) - Number(b.endsWith('+')))
  for (const [key, value] of entries) {
    const name = key.endsWith('+') ? key.slice(0, -1) : key
    const at = { ...merging, path: [...merging.path, name] }
    if (name !== key) result[name] = added(result[name], value, at)
    else if (value === null) delete result[key]
    else result[key] = merged(result[key], value, at)
  }
  return result
}

function added(base: unknown, value: unknown, { path, profile, shown }: Merging): unknown {
  if (isRecord(base) || isRecord(value)) {
    const where = `${formatPath(['profiles', profile, ...path])}+`
    throw new DevkError('CONFIG_INVALID', `${shown}: ${where} adds to ${formatPath(path)}, which is not a list`, {
      hint: 'Only lists can be added to. Objects are merged without the +.',
    })
  }
  return [...listOf(base), ...listOf(value)]
}

function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}

/** Remembers a list, or the lists in a new object. Throws when another profile has set one of them. */
function noteLists(value: unknown, { path, profile, shown, lists }: Merging): void {
  if (isRecord(value)) {
    for (const [key, inner] of Object.entries(value)) {
      noteLists(inner, { path: [...path, key], profile, shown, lists })
    }
    return
  }
  if (!Array.isArray(value) || sequences.has(String(path.at(-1)))) return
  const key = formatPath(path)
  const before = lists.get(key)
  lists.set(key, { profile, value })
  if (before === undefined || JSON.stringify(before.value) === JSON.stringify(value)) return
  throw new DevkError('CONFIG_INVALID', `${shown}: the profiles ${before.profile} and ${profile} both set ${key}`, {
    details: [`The entries of ${before.profile} would be lost. Nothing was changed.`],
    hint: `Write "${String(path.at(-1))}+" in the profiles to add to the list, or use one of them.`,
  })
}

function unknownProfile(name: string, names: readonly string[], shown: string): DevkError {
  const near = nearest(name, names)
  const available = names.length === 0 ? 'The file defines no profiles.' : `Available profiles: ${names.join(', ')}.`
  return new DevkError('CONFIG_INVALID', `${shown} has no profile "${name}"`, {
    hint: near === undefined ? available : `Did you mean "${near}"? ${available}`,
  })
}
