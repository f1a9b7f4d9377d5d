import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The digest of an archive, as lock files write it. Pure. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** Where the content with a digest lies in the folder of fetched charts. Pure. */
export function archivePath(folder: string, digest: string, extension = '.tgz'): string {
  return join(folder, `${digest.slice('sha256:'.length)}${extension}`)
}

/** The path of a fetched file; undefined if it is not there or not what its name says. */
export async function storedArchive(folder: string, digest: string, extension?: string): Promise<string | undefined> {
  const path = archivePath(folder, digest, extension)
  const bytes = await readFile(path).catch(() => undefined)
  return bytes !== undefined && digestOf(bytes) === digest ? path : undefined
}
