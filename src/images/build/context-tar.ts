import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { type TarHeader, type TarWriter, tarStream } from '../../lib/streams/tar.ts'
import type { ContextEntry } from './context.ts'

/**
 * The build context as a tar stream, owned by root as Docker sends it. An unreadable file ends the stream with its
 * error.
 */
export function packContext(context: string, entries: readonly ContextEntry[]): Readable {
  return tarStream(async (tar) => {
    for (const entry of entries) {
      if (tar.closed) return
      const header = { name: entry.path, mode: entry.mode, mtime: new Date(entry.mtimeMs), uid: 0, gid: 0 }
      if (entry.kind === 'folder') await tar.folder(header)
      else if (entry.kind === 'link') await tar.link(header, entry.target ?? '')
      else if (entry.size > inMemory) await tar.file(header, join(context, entry.path), entry.size)
      else await addSmall(tar, header, join(context, entry.path))
    }
  })
}

/** Bytes up to which a file is read as a whole. */
const inMemory = 8_000_000

/**
 * Read as a whole, so that a save during the build gives the old or the new file. A file that was removed is left out.
 */
async function addSmall(tar: TarWriter, header: TarHeader, file: string): Promise<void> {
  const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (content !== undefined) await tar.bytes(header, content)
}
