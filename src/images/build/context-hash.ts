import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DevkError } from '../../errors.ts'
import { type ContextEntry, contextFiles } from './context.ts'
import { openDigestCache } from './digest-cache.ts'
import type { BuildRequest } from './request.ts'

/** The part of a build that decides its result. */
export type HashedBuild = Pick<
  BuildRequest,
  'context' | 'dockerfile' | 'target' | 'args' | 'platform' | 'caCertificates'
>

/** Cache and clock of a hash. */
export interface HashOptions {
  /** Folder with digests of files that have not changed since they were read. */
  readonly cacheFolder: string
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Called with the listing that the hash is made from. */
  readonly onListed?: (entries: readonly ContextEntry[]) => void
}

const filesAtOnce = 16

/**
 * A hash (16 hex digits) of everything that a build uses: paths, modes, link targets, contents, Dockerfile, target,
 * arguments, platform and CA bundle. Files with the same size, times and inode as in the last run are not read again.
 * Throws BUILD_FAILED when the context or the Dockerfile does not exist.
 */
export async function contextHash(build: HashedBuild, options: HashOptions): Promise<string> {
  const [entries, dockerfile, cache] = await Promise.all([
    contextFiles(build),
    readDockerfile(build.dockerfile),
    openDigestCache(options.cacheFolder, build.context, options.clock),
  ])
  options.onListed?.(entries)
  const digests = await fileDigests(build.context, entries, cache.known)
  await cache.save(entries, digests)

  const hash = createHash('sha256')
  part(hash, 'dockerfile', dockerfile)
  part(hash, 'target', build.target ?? '')
  part(hash, 'platform', build.platform ?? '')
  for (const [name, value] of Object.entries(build.args).sort()) part(hash, 'arg', name, value)
  if (build.caCertificates !== undefined) part(hash, 'ca', await readFile(build.caCertificates, 'utf8'))
  for (const { path, kind, mode, target } of entries) {
    part(hash, kind, path, mode.toString(8), target ?? digests.get(path) ?? '')
  }
  return hash.digest('hex').slice(0, 16)
}

/** The text of a Dockerfile. Throws BUILD_FAILED when it does not exist. */
export async function readDockerfile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new DevkError('BUILD_FAILED', `The Dockerfile ${file} does not exist`, {
      cause: error,
      hint: 'Set build.dockerfile to its path, relative to the context.',
    })
  }
}

async function fileDigests(
  context: string,
  entries: readonly ContextEntry[],
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
    for (const { path, size } of queue) digests.set(path, await fileDigest(join(context, path), size))
  }
  await Promise.all(Array.from({ length: filesAtOnce }, worker))
  return digests
}

/** `gone` for a file that was just removed: its removal triggers the next build. */
async function fileDigest(file: string, size: number): Promise<string> {
  const hash = createHash('sha256')
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
function part(hash: Hash, ...values: readonly string[]): void {
  for (const value of values) hash.update(`${Buffer.byteLength(value)}:`).update(value)
}
