import { readFileSync, type Stats, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * A lock this much older (ms) than the first change was left behind, or belongs to a commit that waits for its message.
 */
const beforeFirstMs = 10_000

/**
 * Whether Git is changing a working tree that one of the roots lies in: it holds `index.lock` from before the first
 * file until after the last one, see https://git-scm.com/docs/api-lockfile. The function that this gives takes how
 * long ago the first change was (ms).
 */
export function gitWork(roots: readonly string[]): (sinceFirstMs: number) => boolean {
  const locks = new Set(roots.flatMap((root) => gitFolder(root) ?? []).map((folder) => join(folder, 'index.lock')))
  return (sinceFirstMs) =>
    [...locks].some((lock) => {
      const changed = statOf(lock)?.ctimeMs
      return changed !== undefined && Date.now() - changed < sinceFirstMs + beforeFirstMs
    })
}

/** The folder with the index of the tree that `path` lies in. Linked working trees and submodules name it in a file. */
function gitFolder(path: string): string | undefined {
  const place = join(path, '.git')
  const stats = statOf(place)
  if (stats?.isDirectory()) return place
  const [, target] = stats?.isFile() ? (readFileSync(place, 'utf8').match(/^gitdir: (.+)$/m) ?? []) : []
  if (target !== undefined) return resolve(path, target)
  return path === dirname(path) ? undefined : gitFolder(dirname(path))
}

/** Undefined for what does not exist or may not be looked at. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
