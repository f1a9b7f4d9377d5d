import { existsSync, type Stats } from 'node:fs'
import { basename, join } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import { portions } from './portions.ts'

/** What `watchFolders` calls. */
export interface FolderHandlers {
  /** Whether a folder, and everything below it, is left out. */
  ignored(folder: string): boolean
  /** A folder is watched from now on. */
  onFolder(path: string, stats: Stats): void
  /** A file in a folder that is being read. The folder is watched by then, so that no later change is missed. */
  onFile(path: string, stats: Stats): void
  /** A file whose name is not UTF-8, as Node shows it. */
  onOddName(path: string): void
  /** Something happened to this path. Only the file system knows what. */
  onEvent(path: string): void
  /** The kernel allows no more watches; `code` is its error code. */
  onExhausted(code: string): void
  onError(error: Error): void
}

/** Watched folders. */
export interface FolderWatch {
  /** Watches another folder. */
  add(folder: string): void
  /** Watches a folder that has replaced another one at its path. */
  renew(folder: string): void
  /** Stops watching folders that were deleted. They are watched again when they are created again. */
  forget(folders: readonly string[]): void
  close(): Promise<void>
}

/** How many entries chokidar reads at once. */
const portionSize = 500

/**
 * Watches folders through the kernel's events. Resolves when all are watched, or at the signal; `close` ends the watch.
 *
 * chokidar 6 keeps an entry with stats for each file that it watches. For 50,000 files that takes more memory than the
 * rest of devk. So it watches folders only, and devk learns of files from its raw events and from the `ignored`
 * predicate, which chokidar calls for each entry. chokidar also reads a whole tree at once, which makes the heap grow
 * by 300 MB permanently. So it gets the tree in portions, each with a watcher of its own.
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
    for (const portion of await portions(root, portionSize, leftOut, handlers.onOddName)) {
      const fresh = portion.filter((top) => !owners.has(top))
      for (const top of fresh) owners.set(top, undefined)
      all.push(fresh)
    }
  }
  const watchRestored = (top: string) => {
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
      if (stats) watchRestored(path)
      if (!mine.has(path) && (owners.has(path) || leftOut(path))) return true
      if (stats) handlers.onFolder(path, stats)
      return false
    }
    const watcher = watch([...tops], { ignored: leaveOut, ignoreInitial: true, followSymlinks: false, atomic: false })
    for (const top of tops) owners.set(top, watcher)
    watchers.push(watcher)
    listen(watcher, {
      ...handlers,
      onEvent(path) {
        watchRestored(path)
        handlers.onEvent(path)
      },
    })
    await ready(watcher, signal)
  }
  return {
    add: (folder) => void watchers.at(-1)?.add(folder),
    renew(folder) {
      for (const watcher of watchers) watcher.unwatch(folder)
      watchers.at(-1)?.add(folder)
    },
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
    // For events of the watched folder itself, the kernel gives the folder's own name or none.
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
