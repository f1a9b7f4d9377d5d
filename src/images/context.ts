import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import { type ContextPaths, type IgnoreRules, readIgnore } from './ignore.ts'

export interface ContextEntry {
  /** Relative to the context, with slashes. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link'
  /** Permission bits. */
  readonly mode: number
  readonly size: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly inode: number
  /** Where a link points to, as written in it. */
  readonly target: string | undefined
}

const foldersAtOnce = 16

/**
 * Everything the build may see, ordered by path. Links are entries and are never followed; sockets, pipes and devices are left out.
 * Throws BUILD_FAILED when the context is not a folder.
 */
export async function contextFiles(paths: ContextPaths, rules?: IgnoreRules): Promise<ContextEntry[]> {
  const found: ContextEntry[] = []
  const ignore = rules ?? (await readIgnore(paths))
  const pending: string[] = ['']
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await entriesOf(paths.context, folder)) {
      const ignored = ignore.ignores(entry.path)
      if (!ignored) found.push(entry)
      if (entry.kind === 'folder' && (!ignored || ignore.mayReturnBelow(entry.path))) pending.push(entry.path)
    }
  }
  while (pending.length > 0) await Promise.all(pending.splice(0, foldersAtOnce).map(visit))
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function entriesOf(context: string, folder: string): Promise<ContextEntry[]> {
  const names = await readdir(join(context, folder)).catch((error: NodeJS.ErrnoException) => {
    if (folder !== '' && error.code === 'ENOENT') return [] // removed since it was listed
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
    throw new DevkError('BUILD_FAILED', `The build context ${context} is not a folder`, {
      cause: error,
      hint: 'Set build.context to the folder that the Dockerfile copies from.',
    })
  })
  const entries = await Promise.all(names.map((name) => entryOf(context, folder === '' ? name : `${folder}/${name}`)))
  return entries.filter((entry) => entry !== undefined)
}

async function entryOf(context: string, path: string): Promise<ContextEntry | undefined> {
  try {
    const file = join(context, path)
    const stat = await lstat(file)
    const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : undefined
    if (kind === undefined) return undefined
    return {
      path,
      kind,
      mode: stat.mode & 0o7777,
      size: stat.size,
      mtimeMs: stat.mtimeMs,
      ctimeMs: stat.ctimeMs,
      inode: stat.ino,
      target: kind === 'link' ? await readlink(file) : undefined,
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // removed since it was listed
    throw error
  }
}
