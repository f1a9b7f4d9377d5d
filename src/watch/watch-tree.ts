import type { Stats } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Change, type Saved, settler } from './changes.ts'
import { burst } from './debounce.ts'
import { gitWork } from './git-work.ts'
import { isKnown, knownTree, unseen } from './known-tree.ts'
import { learnContents } from './learn-contents.ts'
import { findRoots } from './roots.ts'
import { shrinkHeap } from './shrink-heap.ts'
import { silentFileSystem } from './silent.ts'
import { hasContent, walk } from './walk.ts'
import { exhaustedWarning, oddNameWarning, silentWarning, type WatchWarning } from './warnings.ts'
import { type FolderHandlers, type FolderWatch, watchFolders } from './watch-folders.ts'

/** The files as they were at an earlier reading of a folder. */
export interface Listing {
  /** Times of change (ctime, ms) by absolute path. */
  readonly files: ReadonlyMap<string, number>
  readonly folders: readonly string[]
  /** Whether a path would be in the listing if it had existed. */
  covers(path: string): boolean
}

/** What to watch, and what to call. */
export interface WatchOptions {
  /**
   * Absolute paths of folders and files. A root that is a link is followed. A path that does not exist is watched for
   * its creation.
   */
  readonly roots: readonly string[]
  /** Paths below the roots that are followed when they are links. */
  readonly follow?: readonly string[]
  /** Whether changes of this path do not matter. For a folder: nor changes of anything below it. */
  ignored(path: string, directory: boolean): boolean
  /**
   * `saved`: the files that were written and have the content that they had. `times`: when the first event of the batch
   * came, and when it was known what had changed (`performance.now`, ms).
   */
  onBatch(
    changes: readonly Change[],
    saved: readonly Saved[],
    times: { readonly seen: number; readonly settled: number },
  ): void
  onWarning(warning: WatchWarning): void
  /** Changes after this moment (wall clock, ms) are reported at the start. Default: now. */
  readonly since?: number
  /** What differs from these listings is reported at the start: what is new, changed or gone. */
  readonly listings?: readonly Listing[]
  /** Wall clock, ms. */
  now(): number
  /** How many events the kernel queues before it drops some. Default: the default of Linux. */
  readonly queueLimit?: number
  /** Check every second from the start, without the kernel's events. */
  readonly poll?: boolean
  /** The type of a file system, as statfs(2) gives it. Tests replace it. */
  readonly fileSystem?: (folder: string) => Promise<number>
  readonly signal: AbortSignal
}

const quiet = { quietMs: 12, capMs: 250 }
/** While Git writes files. It rests between two of them when a large one is written, or fetched by a filter. */
const gitQuiet = { quietMs: 1000, capMs: 60_000 }
const pollMs = 1000
/** How often the roots are looked at, to find out whether they are still the same folders. */
const guardMs = 1000
const largeTree = 5000
/** The kernel's clock for file times may be late by one tick (ms). */
const tickMs = 20

/**
 * Watches files and folders until the signal; resolves when the watch has started. A batch holds only real changes:
 * saving the same content, touching or reading a file makes none. What Git changes in one go is one batch. When the
 * kernel allows no more watches, it warns once and checks every second instead.
 */
export async function watchTree(options: WatchOptions): Promise<void> {
  const { signal } = options
  let roots = findRoots(options.roots, options.follow ?? [])
  const followed = new Set([...options.roots, ...(options.follow ?? [])])
  const follows = (path: string) => followed.has(path)
  const { ignored } = options
  const known = knownTree()
  const { settle, compare } = settler(known, {
    ignored,
    follows,
    onReplaced: (folder) => watcher?.renew(roots.inward(folder)),
    onOddName: (path) => reportOddName(path),
  })
  const began = options.now()
  const since = options.since ?? began

  let suspects = new Set<string>()
  let events = 0
  let started = false
  let running = Promise.resolve()
  let watcher: FolderWatch | undefined
  const warned = new Set<string>()
  const warnOnce = (kind: string, warning: WatchWarning) => {
    if (!warned.has(kind)) options.onWarning(warning)
    warned.add(kind)
  }

  const reportOddName = (path: string) => {
    if (!ignored(path, false)) warnOnce('name', oddNameWarning(path))
  }

  const flush = async (seen: number) => {
    const paths = suspects
    suspects = new Set()
    // Linux drops events when its queue is full, and Node does not report it. So after very many events everything is
    // compared once.
    const overflow = events > (options.queueLimit ?? 16384) / 2
    events = 0
    const { changes, saved } = await settle(paths)
    if (signal.aborted) return
    const gone = changes.filter((change) => change.directory).map(({ path }) => roots.inward(path))
    watcher?.forget(gone)
    const times = { seen, settled: performance.now() }
    if (changes.length > 0 || saved.length > 0) options.onBatch(changes, saved, times)
    if (overflow) await rescan()
  }
  const gather = burst(
    (seen) => {
      running = running.then(() => flush(seen))
    },
    { ...quiet, together: { ...gitQuiet, is: gitWork(options.roots) } },
  )
  const suspect = (path: string) => {
    suspects.add(path)
    gather.event()
  }
  const rescan = async () => {
    for (const root of options.roots) {
      for (const path of await compare(root, (folder) => watcher?.add(roots.inward(folder)))) suspect(path)
    }
  }
  const isListed = (path: string) => options.listings?.some((listing) => listing.covers(path)) ?? false
  const meetAt = (path: string, stats: Stats) => {
    const file = known.files.get(path)
    if (file === undefined && !hasContent(stats)) return
    if (file !== undefined && isKnown(file, stats)) {
      file.ino = stats.ino
      if (file.walk === unseen) file.walk = 0
      return
    }
    if (ignored(path, false) || (stats.isSymbolicLink() && follows(path))) return
    if (started || isListed(path) || stats.ctimeMs >= since) return suspect(path)
    known.files.set(path, { ctimeMs: stats.ctimeMs, ino: stats.ino, print: Number.NaN, walk: 0 })
  }
  const handlers: FolderHandlers = {
    ignored: (folder) => {
      const outward = roots.outward(folder)
      return outward.length > 0 ? outward.every((path) => ignored(path, true)) : !roots.leadsToRoot(folder)
    },
    onFile(path, stats) {
      for (const outward of roots.outward(path)) meetAt(outward, stats)
    },
    onFolder(path, { ino }) {
      for (const outward of roots.outward(path)) known.folders.set(outward, ino)
    },
    onEvent(path) {
      events += 1
      for (const outward of roots.outward(path)) suspect(outward)
    },
    onOddName: (path) => roots.outward(path).forEach(reportOddName),
    onExhausted: (code) => fallBack(code),
    onError(error) {
      const message = `A folder cannot be watched: ${error.message}`
      warnOnce('error', { message, hint: 'devk does not notice changes in it.' })
    },
  }
  const watchRoots = async () => {
    watcher = await watchFolders(roots.folders, handlers, signal)
  }
  /** The kernel's watches stay with a folder that was moved away or deleted. Its successor needs new ones. */
  const followRoots = async () => {
    const now = findRoots(options.roots, options.follow ?? [])
    if (signal.aborted || now.identity === roots.identity) return
    roots = now
    if (watcher !== undefined) {
      const old = watcher
      await watchRoots()
      await old.close()
    }
    await rescan()
  }

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

  for (const { files, folders } of options.listings ?? []) {
    for (const [path, ctimeMs] of files)
      known.files.set(path, { ctimeMs, ino: Number.NaN, print: Number.NaN, walk: unseen })
    for (const path of folders) known.folders.set(path, unseen)
  }
  if (!options.poll) await watchRoots()
  if (options.poll || exhausted !== undefined) {
    await watcher?.close()
    watcher = undefined
    const onFolder = (path: string, { ino }: Stats) => void known.folders.set(path, ino)
    for (const root of options.roots) await walk(root, { ignored, follows, onFolder, onFile: meetAt })
    void poll()
  } else if (!signal.aborted) {
    const types = await Promise.all(roots.folders.map((folder) => silentFileSystem(folder, options.fileSystem)))
    const at = types.findIndex((type) => type !== undefined)
    if (at >= 0) {
      options.onWarning(silentWarning(roots.folders[at] ?? '', types[at] ?? ''))
      void poll()
    }
  }
  for (const [path, { walk: found }] of known.files) if (found === unseen) suspect(path)
  for (const [path, ino] of known.folders) if (ino === unseen) suspect(path)
  started = true
  const guard = setInterval(() => {
    running = running.then(followRoots)
  }, guardMs).unref()
  const stop = () => {
    clearInterval(guard)
    gather.stop()
    void watcher?.close()
  }
  if (signal.aborted) return stop()
  signal.addEventListener('abort', stop, { once: true })
  void learnContents(known, Math.min(began, since) - tickMs, signal).then(() => {
    if (!signal.aborted && known.files.size > largeTree) shrinkHeap()
  })
}
