import { existsSync, type Stats } from 'node:fs'
import { basename, join } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import { portions } from './portions.ts'

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
  /** Stops waiting for folders that were deleted; they are taken in again when they are back. */
  forget(folders: readonly string[]): void
  close(): Promise<void>
}

/** Entries that chokidar reads at once. */
const portionSize = 500

/**
 * Watches folders by the kernel's events; resolves when all are watched.
 *
 * chokidar 6 keeps an entry and reads the stats for each file it is shown, which for 50,000 files costs more memory than all of devk. So it is
 * shown folders only, and files come from two places: its raw events, and the predicate, which it asks about each entry. It also
 * reads a whole tree at once, which makes the heap grow by 300 MB for good; so it gets the tree in portions, with a watcher for each.
 */
export async function watchFolders(
  roots: readonly string[],
  handlers: FolderHandlers,
  signal: AbortSignal,
): Promise<FolderWatch> {
  const owners = new Map<string, FSWatcher | undefined>()
  const abandoned = new Set<string>()
  const leftOut = (folder: string) => !roots.includes(folder) && handlers.ignored(folder)
  const all: (readonly string[])[] = []
  for (const root of roots) {
    for (const portion of await portions(root, portionSize, leftOut)) {
      const fresh = portion.filter((top) => !owners.has(top))
      for (const top of fresh) owners.set(top, undefined)
      all.push(fresh)
    }
  }
  const comeBack = (top: string) => {
    if (abandoned.delete(top)) owners.get(top)?.add(top)
  }
  const watchers: FSWatcher[] = []
  for (const tops of all.filter((portion) => portion.length > 0)) {
    const mine = new Set(tops)
    const leaveOut = (path: string, stats?: Stats): boolean => {
      if (stats && !stats.isDirectory()) {
        handlers.onFile(path, stats)
        return !mine.has(path)
      }
      if (stats) comeBack(path)
      if (!mine.has(path) && (owners.has(path) || leftOut(path))) return true
      if (stats) handlers.onFolder(path)
      return false
    }
    const watcher = watch([...tops], { ignored: leaveOut, ignoreInitial: true, followSymlinks: false, atomic: false })
    for (const top of tops) owners.set(top, watcher)
    watchers.push(watcher)
    listen(watcher, {
      ...handlers,
      onEvent(path) {
        comeBack(path)
        handlers.onEvent(path)
      },
    })
    await ready(watcher, signal)
  }
  return {
    add: (folder) => void watchers.at(-1)?.add(folder),
    forget(folders) {
      for (const folder of folders) {
        const owner = owners.get(folder)
        if (!owner || roots.includes(folder) || existsSync(folder)) continue
        abandoned.add(folder)
        owner.unwatch(folder)
      }
    },
    close: async () => void (await Promise.all(watchers.map((watcher) => watcher.close()))),
  }
}

function listen(watcher: FSWatcher, handlers: FolderHandlers): void {
  watcher.on('raw', (_event, name: string | null, details: unknown) => {
    const { watchedPath } = details as { watchedPath: string }
    // The kernel reports what happens to the watched thing itself under its own name, or none.
    if (name === null || name === basename(watchedPath)) handlers.onEvent(watchedPath)
    if (name !== null) handlers.onEvent(join(watchedPath, name))
  })
  watcher.on('error', (error) => {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EMFILE' || code === 'ENOSPC' || code === 'ENFILE') handlers.onExhausted(code)
    else handlers.onError(error as Error)
  })
}

function ready(watcher: FSWatcher, signal: AbortSignal): Promise<void> {
  return new Promise<void>((resolve) => {
    watcher.once('ready', () => resolve())
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
