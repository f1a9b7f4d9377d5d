import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import type { ContextEntry } from './context.ts'

/** The build context as a tar stream, owned by root as Docker sends it. A file that cannot be read ends the stream with its error. */
export function packContext(context: string, entries: readonly ContextEntry[]): Readable {
  const tar = pack()
  addAll(tar, context, entries).then(
    () => tar.finalize(),
    (error: Error) => tar.destroy(error),
  )
  return Readable.from(tar, { objectMode: false })
}

const inMemory = 8_000_000

async function addAll(tar: Pack, context: string, entries: readonly ContextEntry[]): Promise<void> {
  for (const entry of entries) {
    if (tar.destroyed) return
    const header = { name: entry.path, mode: entry.mode, mtime: new Date(entry.mtimeMs), uid: 0, gid: 0 }
    if (entry.kind === 'folder') await add(tar, { ...header, type: 'directory' })
    else if (entry.kind === 'link') await add(tar, { ...header, type: 'symlink', linkname: entry.target ?? '' })
    else if (entry.size > inMemory) await addLarge(tar, join(context, entry.path), { ...header, size: entry.size })
    else await addSmall(tar, join(context, entry.path), header)
  }
}

/** Read whole, so that a save during the build gives the old or the new file, and a removed file is left out. */
async function addSmall(tar: Pack, file: string, header: Parameters<Pack['entry']>[0]): Promise<void> {
  const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (content !== undefined) await add(tar, header, content)
}

async function addLarge(
  tar: Pack,
  file: string,
  header: Parameters<Pack['entry']>[0] & { size: number },
): Promise<void> {
  await pipeline(createReadStream(file, { end: header.size - 1 }), tar.entry(header))
}

function add(tar: Pack, header: Parameters<Pack['entry']>[0], content: Buffer | string = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry(header, content as Buffer, (error) => (error ? reject(error) : resolve()))
  })
}
