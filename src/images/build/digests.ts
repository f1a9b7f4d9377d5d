import { createHash, createHmac, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { digestKey } from '../../state/digest-key.ts'
import { type ContextEntry, contextFiles } from './context.ts'
import { openDigestCache } from './digest-cache.ts'
import type { ContextPaths, IgnoreRules } from './ignore.ts'

/** Cache and clock of a hash. */
export interface HashOptions {
  /** Folder with digests of files that have not changed since they were read. */
  readonly cacheFolder: string
  /** File with the key of these digests. */
  readonly keyFile: string
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Called with the listing that the hash is made from. */
  readonly onListed?: (entries: readonly ContextEntry[]) => void
}

const filesAtOnce = 16

/** A context, and the digests of its files by path. */
export interface Listed {
  readonly entries: readonly ContextEntry[]
  readonly digests: ReadonlyMap<string, string>
}

/** The entries of a context, and the digests of its files. Throws what listing the files throws. */
export async function listed(
  paths: ContextPaths,
  { cacheFolder, keyFile, clock }: HashOptions,
  rules?: IgnoreRules,
): Promise<Listed> {
  const key = await digestKey(keyFile)
  const project = { context: paths.context, key }
  const [entries, cache] = await Promise.all([contextFiles(paths, rules), openDigestCache(cacheFolder, project, clock)])
  const digests = await fileDigests(paths.context, entries, (file, size) => fileDigest(file, size, key), cache.known)
  await cache.save(entries, digests)
  return { entries, digests }
}

/** A hash of entries with their modes and contents. Pure. */
export function hashOf({ entries, digests }: Listed): string {
  const hash = createHash('sha256')
  for (const { path, kind, mode, target } of entries) {
    part(hash, kind, path, mode.toString(8), target ?? digests.get(path) ?? '')
  }
  return hash.digest('hex')
}

async function fileDigests(
  context: string,
  entries: readonly ContextEntry[],
  read: (file: string, size: number) => Promise<string>,
  known: (entry: ContextEntry) => string | undefined,
): Promise<Map<string, string>> {
  const digests = new Map<string, string>()
  const toRead: ContextEntry[] = []
  for (const entry of entries) {
    if (entry.kind !== 'file') continue
    const digest = known(entry)
    if (digest === undefined) toRead.push(entry)
    else digests.set(entry.path, digest)
  }
  const queue = toRead.values()
  const worker = async () => {
    for (const { path, size } of queue) digests.set(path, await read(join(context, path), size))
  }
  await Promise.all(Array.from({ length: filesAtOnce }, worker))
  return digests
}

/** `gone` for a file that was just removed: its removal triggers the next build. */
async function fileDigest(file: string, size: number, key: string): Promise<string> {
  const hash = createHmac('sha256', key)
  try {
    if (size < 1_000_000) hash.update(await readFile(file))
    else await pipeline(createReadStream(file), hash)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return 'gone'
  }
  return hash.digest('hex')
}

/** Adds each value after its length, so that different lists of values never produce the same bytes. */
export function part(hash: Hash, ...values: readonly string[]): void {
  for (const value of values) hash.update(`${Buffer.byteLength(value)}:`).update(value)
}
