import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ContextEntry } from './context.ts'

export interface DigestCache {
  /** The digest of a file that has not changed since it was last read. */
  known(entry: ContextEntry): string | undefined
  /** Remembers these files and forgets all others; writes nothing when nothing changed. */
  save(entries: readonly ContextEntry[], digests: ReadonlyMap<string, string>): Promise<void>
}

/** A file changed this recently may change again without its times showing it (4 ms on older kernels, 2 s on some file systems). */
const unsettledMs = 2000

/**
 * Opens the digests of one build context; a missing or broken cache file is an empty one. The file is plain text, one record a file
 * (`stamp digest path`, ended by a NUL, which no path holds), since 50,000 records as JSON cost 40 MB to read.
 */
export async function openDigestCache(folder: string, context: string, clock: () => number): Promise<DigestCache> {
  const file = join(folder, `${createHash('sha256').update(context).digest('hex').slice(0, 16)}.digests`)
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

/** Written beside and renamed, so that a kill leaves the old file or the new one, never half of one. */
async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeFile(draft, text)
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
