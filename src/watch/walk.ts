import type { Stats } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Which paths a walk leaves out, and what it calls for the others. */
export interface WalkOptions {
  ignored(path: string, directory: boolean): boolean
  /** Whether a link here counts as what it leads to. */
  follows(path: string): boolean
  onFile(path: string, stats: Stats): void
  onFolder(path: string, stats: Stats): void
  /** A name that is not UTF-8, as Node shows it. No call can reach such a file. */
  onOddName?(path: string): void
}

/**
 * Visits a file, or a folder and everything below it. It follows no other links, and skips what is deleted meanwhile.
 * Never rejects.
 */
export async function walk(path: string, options: WalkOptions): Promise<void> {
  const stats = await look(path, options)
  if (!stats || options.ignored(path, stats.isDirectory())) return
  if (!stats.isDirectory()) return hasContent(stats) ? options.onFile(path, stats) : undefined
  options.onFolder(path, stats)
  const names = await readdir(path).catch(() => [])
  // The files of one folder are read in parallel, which keeps the disk busy. All folders at once would fill the memory.
  const folders: string[] = []
  await Promise.all(
    names.map(async (name) => {
      const child = join(path, name)
      const found = await look(child, options)
      if (!found) {
        if (name.includes('\uFFFD')) options.onOddName?.(child)
        return
      }
      if (found.isDirectory()) folders.push(child)
      else if (hasContent(found) && !options.ignored(child, false)) options.onFile(child, found)
    }),
  )
  for (const folder of folders) await walk(folder, options)
}

/** A socket, a pipe or a device has no content: images leave it out, and so does a sync. */
export function hasContent(stats: Stats): boolean {
  return stats.isFile() || stats.isSymbolicLink()
}

/** What is at a path; undefined when nothing is, and for a link to nowhere that would be followed. */
async function look(path: string, { follows }: Pick<WalkOptions, 'follows'>): Promise<Stats | undefined> {
  return (follows(path) ? stat(path) : lstat(path)).catch(() => undefined)
}
