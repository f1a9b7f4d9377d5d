import { createHmac, randomBytes } from 'node:crypto'
import { link, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readIfThere } from './files.ts'

/** The digest of a text that only the owner of a key can make, in hexadecimal. Pure. */
export function keyedDigest(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}

/**
 * The key of the digests that devk keeps of files, which is created when it is missing. Without the key, nobody can
 * guess the content of a file with a short secret from its digest, or from the name of an image.
 */
export async function digestKey(file: string): Promise<string> {
  const found = await readIfThere(file)
  if (found) return found
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${crypto.randomUUID()}`
  try {
    await writeFile(draft, randomBytes(32).toString('hex'), { mode: 0o600 })
    // Of two processes, one makes the key.
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(draft, { force: true })
  }
  return (await readIfThere(file)) ?? ''
}
