import { realpath } from 'node:fs/promises'
import { delimiter, isAbsolute, resolve, sep } from 'node:path'
import { isWithin } from '../lib/paths.ts'

/**
 * The folders of a search path from which devk and the programs that it starts may take programs: absolute ones that
 * are neither in a `node_modules` nor in one of `projects`. What a repository contains must not become a program of
 * this machine, and npx puts `node_modules/.bin` first.
 */
export async function searchPath(path: string, projects: readonly string[]): Promise<string> {
  const roots = await Promise.all(projects.map(real))
  const kept = await Promise.all(
    path.split(delimiter).map(async (folder) => {
      if (!isAbsolute(folder)) return []
      const places = [resolve(folder), await real(folder)]
      const isForeign = places.some((place) => inModules(place) || roots.some((root) => isWithin(place, root)))
      return isForeign ? [] : [folder]
    }),
  )
  return kept.flat().join(delimiter)
}

/** Whether a path lies in a folder of packages, whose programs belong to one project. Pure. */
export function inModules(path: string): boolean {
  return path.split(sep).includes('node_modules')
}

async function real(path: string): Promise<string> {
  return realpath(path).catch(() => path)
}
