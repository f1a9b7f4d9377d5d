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

/** A limit of the watch that the user should know. */
export interface WatchWarning {
  readonly message: string
  readonly hint: string
}

/** What to watch, and what to call. */
export interface WatchOptions {
  /** Absolute paths of folders and files. A path that does not exist is watched for its creation. */
  readonly roots: readonly string[]
  /** Whether changes of this path do not matter. For a folder: nor changes of anything below it. */
  ignored(path: string, directory: boolean): boolean
  onBatch(changes: readonly Change[]): void
  /** These files were saved with the content that they had. Called when nothing else changed. */
  onSaved?(paths: readonly string[]): void
  onWarning(warning: WatchWarning): void
  /** Changes after this moment (wall clock, ms) are reported at the start. Default: now. */
  readonly since?: number
  /** Wall clock, ms. */
  now(): number
  /** How many events the kernel queues before it drops some. Default: the default of Linux. */
  readonly queueLimit?: number
  /** Check every second from the start, without the kernel's events. */
  readonly poll?: boolean
  readonly signal: AbortSignal
}

const quiet = { quietMs: 12, capMs: 250 }
const pollMs = 1000
const largeTree = 5000
/** The kernel's clock for file times may be late by one tick (ms). */
const tickMs = 20

/**
 * Watches files and folders until the signal; resolves when the watch has started. A batch holds only real changes:
 * saving the same content, touching or reading a file makes none. When the kernel allows no more watches, it warns once
 * and checks every second instead.
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
    // Linux drops events when its queue is full, and Node does not report it. So after very many events everything is
    // compared once.
    const overflow = events > (options.queueLimit ?? 16384) / 2
    events = 0
    const { changes, saved } = await settle(paths)
    if (signal.aborted) return
    watcher?.forget(changes.filter((change) => change.directory).map((change) => change.path))
    if (changes.length > 0) options.onBatch(changes.map((change) => ({ ...change, path: outward(change.path) })))
    else if (saved.length > 0) options.onSaved?.(saved.map(outward))
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
      // A large tree takes long to check, so it is checked less often.
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
    options.onWarning({
      message: `A folder cannot be watched: ${error.message}`,
      hint: 'devk does not notice changes in it.',
    })
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

/**
 * The roots with links resolved, as the kernel reports them, and `outward`, which turns such a path back into the form
 * that was given.
 */
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
    message: `The kernel allows no more file watches (${code}); devk checks for changes every second instead`,
    hint: `Run sudo sysctl ${setting}, then start devk again.`,
  }
}
