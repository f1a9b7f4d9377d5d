import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface WalkOptions {
  ignored(path: string, directory: boolean): boolean
  onFile(path: string, stats: Stats): void
  onFolder(path: string): void
}

/** Visits what is below a path, or the file that it is; links are not followed, and what vanishes meanwhile is passed over. */
export async function walk(path: string, options: WalkOptions): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (!stats || options.ignored(path, stats.isDirectory())) return
  if (!stats.isDirectory()) return options.onFile(path, stats)
  options.onFolder(path)
  const names = await readdir(path).catch(() => [])
  // One folder at a time: its files' stats in parallel keep the disk busy, all folders' at once would fill the memory.
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
