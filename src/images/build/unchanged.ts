import { createHash } from 'node:crypto'
import { lstat } from 'node:fs/promises'
import type { ContextEntry } from './context.ts'

/** The sources of a build as they were when they were hashed, without their contents. */
export interface Reading {
  /**
   * Resolves with the path of the file that was changed last if any source was written since, even with the same
   * content; undefined if none was. A builder that reads them meanwhile may have read another content.
   */
  changed(): Promise<string | undefined>
}

/** Remembers a digest of times and inodes. `list` reads all entries of the contexts that the build uses. */
export async function readingOf(
  dockerfile: string,
  first: readonly (readonly ContextEntry[])[],
  list: () => Promise<readonly (readonly ContextEntry[])[]>,
): Promise<Reading> {
  const before = await digestOf(dockerfile, first)
  return {
    async changed() {
      const now = await list()
      if ((await digestOf(dockerfile, now)) === before) return undefined
      const files = now.flat().filter(({ kind }) => kind !== 'folder')
      return files.reduce<ContextEntry | undefined>(newer, undefined)?.path ?? dockerfile
    },
  }
}

async function digestOf(dockerfile: string, contexts: readonly (readonly ContextEntry[])[]): Promise<string> {
  const hash = createHash('sha256')
  const stat = await lstat(dockerfile).catch(() => undefined)
  hash.update(`${stat?.size}:${stat?.ctimeMs}:${stat?.ino}\0`)
  for (const entry of contexts.flat()) hash.update(`${stampOf(entry)}\0`)
  return hash.digest('hex')
}

/** Folders change with each temporary file in them, so only their names and modes count. */
function stampOf({ path, kind, mode, size, mtimeMs, ctimeMs, inode }: ContextEntry): string {
  return kind === 'folder' ? `${path}:${mode}` : `${path}:${kind}:${size}:${mtimeMs}:${ctimeMs}:${inode}`
}

function newer(newest: ContextEntry | undefined, entry: ContextEntry): ContextEntry {
  return newest === undefined || entry.ctimeMs > newest.ctimeMs ? entry : newest
}
