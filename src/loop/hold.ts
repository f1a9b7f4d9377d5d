import type { Change, Saved } from '../watch/changes.ts'
import { decide, servicesOf, type WatchedSources } from './decide.ts'

/** A service, or null for what the objects of the whole stack are made from. */
export type Part = string | null

/** What the watch reports at once. */
export interface Batch {
  readonly changes: readonly Change[]
  readonly saved: readonly Saved[]
}

/** How many saved files wait. */
export interface Waiting {
  readonly service: Part
  readonly files: number
}

/** Saves that wait until they are asked for. */
export interface HeldSaves {
  /** Returns whether something of this part has waited before. */
  hold(part: Part, batch: Batch): boolean
  /** What waits of a part, as one batch. It waits no longer. */
  take(part: Part): Batch | undefined
  has(part: Part): boolean
  waiting(): readonly Waiting[]
  /** How many files wait in these parts. */
  files(parts: readonly Part[]): number
}

/** Creates the place where saves wait. */
export function heldSaves(): HeldSaves {
  const held = new Map<Part, { readonly changes: Map<string, Change>; readonly saved: Map<string, Saved> }>()
  const files = (parts: readonly Part[]) => {
    const all = parts.flatMap((part) => held.get(part) ?? [])
    const paths = all.flatMap(({ changes, saved }) => [...changes.values(), ...saved.values()].map(({ path }) => path))
    return new Set(paths).size
  }
  return {
    hold(part, { changes, saved }) {
      const before = held.get(part)
      const own = before ?? { changes: new Map(), saved: new Map() }
      for (const change of changes) {
        // Of each path the last change counts, in the order of the changes. A folder is another one than a file.
        const key = change.directory ? `${change.path}/` : change.path
        own.changes.delete(key)
        own.changes.set(key, change)
      }
      for (const each of saved) own.saved.set(each.path, { ...each, ...beforeOf(own.saved.get(each.path)) })
      held.set(part, own)
      return before !== undefined
    },
    take(part) {
      const own = held.get(part)
      held.delete(part)
      return own && { changes: [...own.changes.values()], saved: [...own.saved.values()] }
    },
    has: (part) => held.has(part),
    waiting: () => [...held.keys()].map((service) => ({ service, files: files([service]) })),
    files,
  }
}

const beforeOf = (earlier: Saved | undefined) => (earlier === undefined ? {} : { before: earlier.before })

/** The parts of a batch that are wanted, each with its files. Pure. */
export function partsOf(
  { changes, saved }: Batch,
  sources: WatchedSources,
  wanted: (part: Part) => boolean,
): Map<Part, Batch> {
  const services = sources.services.filter(({ name }) => wanted(name))
  const parts = new Map<Part, Batch>()
  if (services.length === 0 && !wanted(null)) return parts
  const add = (part: Part, acts: boolean, isOwn: (path: string) => boolean) => {
    const own = {
      changes: changes.filter(({ path }) => isOwn(path)),
      saved: saved.filter(({ path }) => isOwn(path)),
    }
    if (acts || own.saved.length > 0) parts.set(part, own)
  }
  const decision = decide(changes, { ...sources, services })
  const acting = new Set(decision.services.map(({ service }) => service))
  for (const service of services) {
    add(service.name, acting.has(service.name), (path) => servicesOf(path, [service]).length > 0)
  }
  if (wanted(null)) add(null, decision.redeploy !== undefined, (path) => sources.redeploy.reads(path))
  return parts
}
