import { realpathSync, type Stats } from 'node:fs'
import { join, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Change, settler } from './changes.ts'
import { burst } from './debounce.ts'
import { knownTree } from './known-tree.ts'
import { learnContents } from './learn-contents.ts'
import { shrinkHeap } from './shrink-heap.ts'
import { walk } from './walk.ts'
import { type FolderWatch, watchFolders } from './watch-folders.ts'

export interface WatchWarning {
  readonly message: string
  readonly hint: string
}

export interface WatchOptions {
  /** Absolute paths of folders and files; one that does not exist is waited for. */
  readonly roots: readonly string[]
  /** Whether nobody wants to know of this path; of a folder, nor of anything below it. */
  ignored(path: string, directory: boolean): boolean
  onBatch(changes: readonly Change[]): void
  onWarning(warning: WatchWarning): void
  /** What changed after this moment (wall clock, ms) is reported at once: saves made while the stack was coming up. */
  readonly since?: number
  /** Wall clock, ms. */
  now(): number
  /** Events the kernel queues before it drops some; default: Linux's own default. */
  readonly queueLimit?: number
  /** Look every second from the start, as where the kernel gives no events. */
  readonly poll?: boolean
  readonly signal: AbortSignal
}

const quiet = { quietMs: 12, capMs: 250 }
const pollMs = 1000
const largeTree = 5000
/** The kernel stamps files with a clock that may lag by a tick. */
const tickMs = 20

/**
 * Watches until the signal; resolves when it has begun. Batches hold only what really changed: a save of the same content, a touch or an
 * access gives none. At the end of the kernel's means it warns once and looks every second instead.
 */
export async function watchTree(options: WatchOptions): Promise<void> {
  const { signal } = options
  const { roots, inScope, outward } = scopeOf(options.roots)
  const ignored = (path: string, directory: boolean) => options.ignored(outward(path), directory)
  const known = knownTree()
  const { differs, settle, compare } = settler(known, ignored)
  const began = options.now()
  const since = options.since ?? began

  let suspects = new Set<string>()
  let events = 0
  let started = false
  let running = Promise.resolve()
  let watcher: FolderWatch | undefined

  const flush = async () => {
    const paths = suspects
    suspects = new Set()
    // Linux drops events when its queue is full and Node is not told: after very many, everything is compared once.
    const overflow = events > (options.queueLimit ?? 16384) / 2
    events = 0
    const changes = await settle(paths)
    if (signal.aborted) return
    watcher?.forget(changes.filter((change) => change.directory).map((change) => change.path))
    if (changes.length > 0) options.onBatch(changes.map((change) => ({ ...change, path: outward(change.path) })))
    if (overflow) await rescan()
  }
  const gather = burst(() => {
    running = running.then(flush)
  }, quiet)
  const suspect = (path: string) => {
    suspects.add(path)
    gather.event()
  }
  const rescan = async () => {
    for (const root of roots) {
      for (const path of await compare(root, (folder) => watcher?.add(folder))) suspect(path)
    }
  }
  const meet = (path: string, stats: Stats) => {
    if (!inScope(path) || !differs(path, stats) || ignored(path, false)) return
    if (started || stats.ctimeMs >= since) return suspect(path)
    known.files.set(path, { ctimeMs: stats.ctimeMs, print: Number.NaN, walk: 0 })
  }
  const onFolder = (path: string) => void known.folders.add(path)

  const poll = async () => {
    while (!signal.aborted) {
      const start = performance.now()
      await rescan()
      // A tree that takes long to look through is looked through less often.
      await sleep(Math.max(pollMs, 10 * (performance.now() - start)), undefined, { signal }).catch(() => {})
    }
  }
  let exhausted: string | undefined
  const fallBack = (code: string) => {
    if (exhausted !== undefined) return
    exhausted = code
    options.onWarning(exhaustedWarning(code))
    if (!started) return
    void watcher?.close()
    watcher = undefined
    void poll()
  }
  let troubled = false
  const onError = (error: Error) => {
    if (troubled) return
    troubled = true
    options.onWarning({ message: `A folder is not watched: ${error.message}`, hint: 'Saves in it go unnoticed.' })
  }
  const onEvent = (path: string) => {
    events += 1
    if (inScope(path)) suspect(path)
  }

  if (!options.poll) {
    const handlers = { onFolder, onFile: meet, onEvent, onExhausted: fallBack, onError }
    watcher = await watchFolders(roots, { ...handlers, ignored: (folder) => ignored(folder, true) }, signal)
  }
  if (options.poll || exhausted !== undefined) {
    await watcher?.close()
    watcher = undefined
    for (const root of roots) await walk(root, { ignored, onFolder, onFile: meet })
    void poll()
  }
  started = true
  const stop = () => {
    gather.stop()
    void watcher?.close()
  }
  if (signal.aborted) return stop()
  signal.addEventListener('abort', stop, { once: true })
  void learnContents(known, Math.min(began, since) - tickMs, signal).then(() => {
    if (!signal.aborted && known.files.size > largeTree) shrinkHeap()
  })
}

/** Paths as the kernel knows them, links resolved, and the way back to how they were given. */
function scopeOf(given: readonly string[]) {
  const pairs = given.map((root) => [realPath(root), root] as const)
  const roots = [...new Set(pairs.map(([real]) => real))]
  const renamed = pairs.filter(([real, root]) => real !== root)
  const below = (path: string, root: string) => path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
  return {
    roots,
    inScope: (path: string) => roots.some((root) => below(path, root)),
    outward(path: string): string {
      const pair = renamed.find(([real]) => below(path, real))
      return pair ? join(pair[1], path.slice(pair[0].length)) : path
    },
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function exhaustedWarning(code: string): WatchWarning {
  const setting = code === 'ENOSPC' ? 'fs.inotify.max_user_watches=524288' : 'fs.inotify.max_user_instances=512'
  return {
    message: `The kernel gives no more file watches (${code}); looking for saves every second instead`,
    hint: `sysctl ${setting} mends it; then start again.`,
  }
}
