import type { Stats } from 'node:fs'
import { join } from 'node:path'
import { watch } from 'chokidar'

export interface FolderHandlers {
  /** Whether a folder is left out, with all below it. */
  ignored(folder: string): boolean
  /** A folder that is watched from now on. */
  onFolder(path: string): void
  /** A file of a folder that is read: after it began to be watched, so that nothing made before that is lost. */
  onFile(path: string, stats: Stats): void
  /** Something happened to this path; what, the file system knows. */
  onEvent(path: string): void
  /** The kernel gives no more watches. */
  onExhausted(code: string): void
  onError(error: Error): void
}

export interface FolderWatch {
  /** Takes in a folder that was overlooked. */
  add(folder: string): void
  close(): Promise<void>
}

/**
 * Watches folders by the kernel's events; resolves when all are watched.
 *
 * chokidar 6 keeps an entry and reads the stats for each file it is shown, which costs 50,000 files more memory than all of devk. So it is
 * shown folders only, and files come from two places: its raw events, and the predicate, which it asks about each entry.
 */
export async function watchFolders(
  roots: readonly string[],
  handlers: FolderHandlers,
  signal: AbortSignal,
): Promise<FolderWatch> {
  const asked = new Set(roots)
  const leaveOut = (path: string, stats?: Stats): boolean => {
    if (stats && !stats.isDirectory()) {
      handlers.onFile(path, stats)
      return !asked.has(path)
    }
    if (!asked.has(path) && handlers.ignored(path)) return true
    if (stats) handlers.onFolder(path)
    return false
  }
  const watcher = watch([...roots], { ignored: leaveOut, ignoreInitial: true, followSymlinks: false, atomic: false })
  watcher.on('raw', (_event, name: string | null, details: unknown) => {
    const { watchedPath } = details as { watchedPath: string }
    // The kernel reports what happens to the watched thing itself under its own name, or none.
    handlers.onEvent(watchedPath)
    if (name !== null) handlers.onEvent(join(watchedPath, name))
  })
  watcher.on('error', (error) => {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EMFILE' || code === 'ENOSPC' || code === 'ENFILE') handlers.onExhausted(code)
    else handlers.onError(error as Error)
  })
  await new Promise<void>((resolve) => {
    watcher.once('ready', () => resolve())
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  return { add: (folder) => void watcher.add(folder), close: () => watcher.close() }
}
