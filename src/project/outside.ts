import { readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { PlacedPath } from '../config/load.ts'
import { formatPath } from '../config/problems.ts'
import { isWithin } from '../lib/paths.ts'
import { localDependencies } from '../manifests/charts/dependencies.ts'
import { manifestFiles } from '../manifests/plain.ts'

/** A file or folder outside of the repository that the configuration uses. */
export interface OutsidePath {
  /** Without links. */
  readonly real: string
  /** Where the configuration names it, and for what. */
  readonly text: string
}

/** What of the paths of a configuration lies outside of its repository, also over links. Reads no contents of files. */
export async function outsideOf(
  paths: readonly PlacedPath[],
  { root, repository }: { readonly root: string; readonly repository: string },
): Promise<OutsidePath[]> {
  const found = new Map<string, OutsidePath>()
  for (const { at, path, use, place, links } of paths) {
    const note = (real: string, link?: string) => {
      if (isWithin(real, repository) || found.has(real)) return
      const over = link === undefined ? '' : `, over ${relative(root, link)}`
      found.set(real, { real, text: `${place}: ${formatPath(at)} (${use}): ${real}${over}` })
    }
    const real = await realOf(path)
    note(real)
    for (const link of await linked(path, links)) {
      const target = await realOf(link)
      // Consent to a folder is consent to what is in it.
      if (!isWithin(target, real)) note(target, link)
    }
  }
  return [...found.values()]
}

/** The real path of a file or folder; of one that does not exist, what it would be. */
async function realOf(path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined)
  if (real !== undefined || path === dirname(path)) return real ?? path
  return join(await realOf(dirname(path)), basename(path))
}

/** What devk or helm reads below a path as if it were there, and which may be elsewhere. */
async function linked(path: string, links: PlacedPath['links']): Promise<string[]> {
  if (links === undefined) return []
  if (links === 'manifests') return manifestFiles(path).catch(() => [])
  const found: string[] = []
  const seen = new Set<string>()
  const visit = async (folder: string): Promise<void> => {
    const real = await realOf(folder)
    if (seen.has(real)) return
    seen.add(real)
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const file = join(folder, entry.name)
      if (entry.isSymbolicLink()) found.push(file)
      if (entry.isDirectory() || entry.isSymbolicLink()) await visit(file)
      if (links === 'chart' && /^(Chart|requirements)\.yaml$/.test(entry.name)) {
        const local = await localDependencies(folder)
        found.push(...local)
        for (const each of local) await visit(each)
      }
    }
  }
  await visit(path)
  return found
}
