import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Which paths a walk leaves out, and what it calls for the others. */
export interface WalkOptions {
  ignored(path: string, directory: boolean): boolean
  onFile(path: string, stats: Stats): void
  onFolder(path: string): void
}

/**
 * Visits a file, or a folder and everything below it. It does not follow links, and skips what is deleted meanwhile.
 * Never rejects.
 */
export async function walk(path: string, options: WalkOptions): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (!stats || options.ignored(path, stats.isDirectory())) return
  if (!stats.isDirectory()) return options.onFile(path, stats)
  options.onFolder(path)
  const names = await readdir(path).catch(() => [])
  // The files of one folder are read in parallel, which keeps the disk busy. All folders at once would fill the memory.
  const folders: string[] = []
  await Promise.all(
    names.map(async (name) => {
      const child = join(path, name)
      const found = await lstat(child).catch(() => undefined)
      if (!found) return
      if (found.isDirectory()) folders.push(child)
      else if (!options.ignored(child, false)) options.onFile(child, found)
    }),
  )
  for (const folder of folders) await walk(folder, options)
}
