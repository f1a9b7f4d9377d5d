import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContextEntry } from './context.ts'

type Row = readonly [size: number, mtimeMs: number, ctimeMs: number, inode: number, digest: string]

export interface DigestCache {
  /** The digest of a file that has not changed since it was last read. */
  known(entry: ContextEntry): string | undefined
  /** Remembers these files and forgets all others; writes nothing when nothing changed. */
  save(entries: readonly ContextEntry[], digests: ReadonlyMap<string, string>): Promise<void>
}

/** A file changed this recently may change again without its times showing it (4 ms on older kernels, 2 s on some file systems). */
const unsettledMs = 2000

/** Opens the digests of one build context; a missing or broken cache file is an empty one. */
export async function openDigestCache(folder: string, context: string, clock: () => number): Promise<DigestCache> {
  const file = join(folder, `${createHash('sha256').update(context).digest('hex').slice(0, 16)}.json`)
  const rows = await readRows(file)
  const startedMs = clock()
  return {
    known(entry) {
      const row = rows.get(entry.path)
      const same =
        row?.[0] === entry.size && row[1] === entry.mtimeMs && row[2] === entry.ctimeMs && row[3] === entry.inode
      return same ? row[4] : undefined
    },
    async save(entries, digests) {
      const kept: Record<string, Row> = Object.create(null)
      let changed = false
      let total = 0
      for (const { path, kind, size, mtimeMs, ctimeMs, inode } of entries) {
        const digest = digests.get(path)
        if (kind !== 'file' || digest === undefined || Math.max(mtimeMs, ctimeMs) > startedMs - unsettledMs) continue
        kept[path] = [size, mtimeMs, ctimeMs, inode, digest]
        changed ||= rows.get(path)?.[4] !== digest || rows.get(path)?.[2] !== ctimeMs
        total += 1
      }
      if (changed || total !== rows.size) await replace(file, JSON.stringify(kept))
    },
  }
}

async function readRows(file: string): Promise<Map<string, Row>> {
  try {
    return new Map(Object.entries(JSON.parse(await readFile(file, 'utf8')) as Record<string, Row>))
  } catch {
    return new Map()
  }
}

/** Written beside and renamed, so that a kill leaves the old file or the new one, never half of one. */
async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  await mkdir(join(file, '..'), { recursive: true })
  try {
    await writeFile(draft, text)
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
