import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A file that is written. */
interface File {
  readonly content: string | Buffer
  readonly mode: number
}

/** Writes a folder whose name is that of its content. Two devk may do so at the same time. */
export async function writeOnce(folder: string, files: Readonly<Record<string, File>>): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const fresh = await mkdtemp(`${folder}.`)
  try {
    for (const [name, { content, mode }] of Object.entries(files)) await writeFile(join(fresh, name), content, { mode })
    await rename(fresh, folder)
  } catch (error) {
    // The folder is there, with the same files.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}
