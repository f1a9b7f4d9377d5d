import { createHmac, randomUUID } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ContextEntry } from './context.ts'

/** Digests of the files of one build context. */
export interface DigestCache {
  /** The digest of a file; undefined when the file has changed since it was read. */
  known(entry: ContextEntry): string | undefined
  /** Saves the digests of these files and drops all others. Writes nothing when nothing has changed. */
  save(entries: readonly ContextEntry[], digests: ReadonlyMap<string, string>): Promise<void>
}

/**
 * A file that changed this recently may change again with the same times (4 ms on older kernels, 2 s on some file
 * systems).
 */
const unsettledMs = 2000

/**
 * Opens the cache of a build context, with digests that were made with this key. A missing or damaged file is an empty
 * cache. The file is plain text with one record per file (`stamp digest path`, ended by NUL, which no path contains),
 * because reading 50,000 records as JSON takes 40 MB of memory.
 */
export async function openDigestCache(
  folder: string,
  { context, key }: { readonly context: string; readonly key: string },
  clock: () => number,
): Promise<DigestCache> {
  const file = join(folder, `${createHmac('sha256', key).update(context).digest('hex').slice(0, 16)}.digests`)
  const startedMs = clock()
  let records: Map<string, string> | undefined = recordsByPath(await readFile(file, 'utf8').catch(() => ''))
  const total = records.size
  let hits = 0
  let misses = 0
  return {
    known(entry) {
      const record = records?.get(entry.path)
      const stamp = `${stampOf(entry)} `
      if (!record?.startsWith(stamp)) {
        misses += 1
        return undefined
      }
      hits += 1
      return record.slice(stamp.length, record.indexOf(' ', stamp.length))
    },
    async save(entries, digests) {
      records = undefined
      if (misses === 0 && hits === total) return
      const lines: string[] = []
      for (const entry of entries) {
        const digest = digests.get(entry.path)
        const unsettled = Math.max(entry.mtimeMs, entry.ctimeMs) > startedMs - unsettledMs
        if (entry.kind !== 'file' || digest === undefined || unsettled) continue
        lines.push(`${stampOf(entry)} ${digest} ${entry.path}\0`)
      }
      await replace(file, lines.join(''))
    },
  }
}

function stampOf({ size, mtimeMs, ctimeMs, inode }: ContextEntry): string {
  return `${size}:${mtimeMs}:${ctimeMs}:${inode}`
}

function recordsByPath(text: string): Map<string, string> {
  const records = new Map<string, string>()
  for (const record of text.split('\0')) {
    const afterStamp = record.indexOf(' ') + 1
    const afterDigest = record.indexOf(' ', afterStamp) + 1
    if (afterStamp > 0 && afterDigest > 0) records.set(record.slice(afterDigest), record)
  }
  return records
}

/**
 * Writes a temporary file and renames it, so that a kill leaves the old file or the new one. Others cannot read it: the
 * digest of a short secret tells the secret.
 */
async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  await mkdir(dirname(file), { recursive: true })
  // An older devk has made it for everybody.
  await chmod(dirname(file), 0o700)
  try {
    await writeFile(draft, text, { mode: 0o600 })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
