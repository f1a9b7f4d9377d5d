import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import type { SyncFile } from '../sync/syncer.ts'

/** What is to be sent. */
export interface LocalFiles {
  readonly files: readonly SyncFile[]
  readonly bytes: number
  /** Paths that are left out, each with the reason. */
  readonly skipped: readonly string[]
}

/**
 * The files at a path of this machine, and their places in a container. A link at the path itself is followed, those
 * below are sent as links. Throws USAGE if there is nothing.
 */
export async function localFiles(from: string, to: string): Promise<LocalFiles> {
  const found = await stat(from).catch((cause: unknown) => {
    throw new DevkError('USAGE', `${from} does not exist`, { cause, hint: 'Name a file or folder of this machine.' })
  })
  if (found.isFile()) return { files: [{ kind: 'write', from, to }], bytes: found.size, skipped: [] }
  if (!found.isDirectory()) throw new DevkError('USAGE', `${from} is neither a file nor a folder`)
  const files: SyncFile[] = []
  const skipped: string[] = []
  let bytes = 0
  const visit = async (folder: string, below: string) => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      const target = `${below === '/' ? '' : below}/${entry.name}`
      if (entry.isDirectory()) await visit(path, target)
      else if (entry.isFile() || entry.isSymbolicLink()) {
        files.push({ kind: 'write', from: path, to: target })
        bytes += entry.isFile() ? (await lstat(path)).size : 0
      } else skipped.push(`${path} is a device, pipe or socket`)
    }
  }
  await visit(from, to)
  return { files, bytes, skipped }
}
