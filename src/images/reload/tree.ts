import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tree } from './rules.ts'

/** The files of a repository on this disk. */
export function treeOf(root: string): Tree {
  return {
    kind: (path) =>
      stat(join(root, path)).then(
        (found) => (found.isDirectory() ? 'folder' : 'file'),
        () => undefined,
      ),
    text: (path) => readFile(join(root, path), 'utf8').catch(() => ''),
    folders: (path) =>
      readdir(join(root, path), { withFileTypes: true }).then(
        (found) => found.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort(),
        () => [],
      ),
  }
}
