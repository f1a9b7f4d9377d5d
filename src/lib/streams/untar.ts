import { createReadStream } from 'node:fs'
import { mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { extract, type Header } from 'tar-stream'
import { isWithin } from '../paths.ts'

/**
 * Unpacks the files, folders and links of a tar into a new folder. Leaves out what lies or leads out of it. Links come
 * last, so that no file is written over one.
 */
export async function unpack(archive: string, folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 })
  const links = new Map<string, string>()
  const entries = createReadStream(archive).pipe(extract())
  for await (const entry of entries) {
    const { name, type, mode = 0, linkname } = entry.header
    const path = join(folder, name)
    if (!isBelow(path, folder)) entry.resume()
    else if (type === 'directory') await mkdir(path, { recursive: true })
    else if (type === 'symlink' && linkname) links.set(path, linkname)
    else if (type === 'file') {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, await buffer(entry), { mode: (mode & 0o100) === 0 ? 0o644 : 0o755 })
      continue
    }
    entry.resume()
  }
  for (const [path, target] of links) {
    if (isAbsolute(target) || !isBelow(join(dirname(path), target), folder)) continue
    await mkdir(dirname(path), { recursive: true })
    await symlink(target, path).catch(() => {})
  }
  // A link over another one may lead elsewhere than its text says.
  const top = await realpath(folder)
  for (const path of links.keys()) {
    const target = await realpath(path).catch(() => undefined)
    if (target === undefined || !isWithin(target, top)) await rm(path, { force: true })
  }
}

/** An entry of a tar, which is a stream of its content. */
export type TarEntry = Readable & { readonly header: Header }

/** The entries of a tar. Each must be read or resumed before the next one comes. Throws what reading `tar` throws. */
export async function* tarEntries(tar: Readable): AsyncGenerator<TarEntry> {
  const entries = extract()
  tar.on('error', (error) => entries.destroy(error))
  // The reader of an entry may look at it only after it broke. Reading it fails then.
  entries.on('entry', (_header, entry) => entry.on('error', () => {}))
  yield* tar.pipe(entries) as AsyncIterable<TarEntry>
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way.split('/')[0] !== '..' && !isAbsolute(way)
}
