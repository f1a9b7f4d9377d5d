import { lstatSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { isWithin } from '../lib/paths.ts'

/** The watched paths as they were given, and where they are in the file system now. */
export interface Roots {
  /** Real folders to watch: the roots that are folders, and the folders of all others. */
  readonly folders: readonly string[]
  /** The given forms of a real path below a root. */
  outward(real: string): readonly string[]
  /** The real form of a given path. */
  inward(path: string): string
  /** Whether a real folder is on the way to a root: it is watched, although it is below none. */
  leadsToRoot(folder: string): boolean
  /** Differs as soon as a root is another file or folder than before, or a link leads to another place. */
  readonly identity: string
}

/**
 * Finds the roots. A root that is a link is followed, and so is each path of `follow` that is a link. A root that does
 * not exist is watched for in the nearest folder that does.
 */
export function findRoots(given: readonly string[], follow: readonly string[]): Roots {
  const links = follow.filter((path) => statOf(path, lstatSync)?.isSymbolicLink())
  const pairs = [...new Set([...given, ...links])].flatMap(placesOf)
  const identity = [...given, ...follow].map((path) => {
    const stats = statOf(path, statSync)
    return `${realPath(path)} ${stats?.dev}:${stats?.isDirectory() ? stats.ino : 'file'}`
  })
  return {
    folders: [...new Set(pairs.map(({ folder }) => folder))],
    outward: (real) =>
      pairs.flatMap((pair) => (isWithin(real, pair.real) ? [join(pair.given, relative(pair.real, real))] : [])),
    inward(path) {
      const [pair] = pairs.filter((each) => isWithin(path, each.given)).sort((a, b) => b.given.length - a.given.length)
      return pair === undefined ? path : join(pair.real, relative(pair.given, path))
    },
    leadsToRoot: (folder) => pairs.some(({ real }) => isWithin(real, folder)),
    identity: identity.join('\n'),
  }
}

interface Place {
  readonly given: string
  readonly real: string
  readonly folder: string
}

function placesOf(given: string): Place[] {
  const real = realPath(given)
  if (real !== undefined && statOf(real, statSync)?.isDirectory()) return [{ given, real, folder: real }]
  let above = dirname(given)
  while (realPath(above) === undefined && above !== dirname(above)) above = dirname(above)
  const folder = realPath(above) ?? above
  const named = { given, real: join(folder, relative(above, given)), folder }
  // A link to a file: both the link and the file can change.
  return real === undefined || real === named.real ? [named] : [named, { given, real, folder: dirname(real) }]
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

function statOf(path: string, read: typeof lstatSync) {
  try {
    return read(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
