import { lstatSync, type Stats, statSync } from 'node:fs'
import { dirname, sep } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fingerprint } from './fingerprint.ts'
import { isKnown, type KnownTree, unseen } from './known-tree.ts'
import { hasContent, type WalkOptions, walk } from './walk.ts'

/**
 * What happened to one path. In a batch, deletions come first, and the deletion of a folder comes after those of its
 * contents.
 */
export interface Change {
  /** Absolute. */
  readonly path: string
  readonly kind: 'changed' | 'deleted'
  /** Only with `deleted`: the path was a folder. */
  readonly directory?: boolean
}

/** A file that was written and has the same content as when it was looked at before. */
export interface Saved {
  readonly path: string
  /** Its times of change (ctime, ms) at the last look and now. */
  readonly before: number
  readonly after: number
}

/** How long it works before it lets other events run (ms). */
const sliceMs = 8

/** Finds out what really changed. */
export interface Settler {
  /**
   * Checks paths for which there were events. Returns what really changed, and remembers it. `saved`: files that were
   * written again with the same content.
   */
  settle(paths: Iterable<string>): Promise<{ readonly changes: Change[]; readonly saved: Saved[] }>
  /** Walks the tree below `root`. Returns the paths that differ from what is known or no longer exist. */
  compare(root: string, onNewFolder: (path: string) => void): Promise<Set<string>>
}

/** Which paths a settler looks at, and what it calls. */
export type SettlerScope = Pick<WalkOptions, 'ignored' | 'follows' | 'onOddName'> & {
  /** A folder is another one than before at its path. Its watch ended with the old one. */
  onReplaced(folder: string): void
}

/** Creates a settler on what is known of the tree. */
export function settler(known: KnownTree, scope: SettlerScope): Settler {
  const { ignored, follows } = scope
  let walks = 0

  const compare: Settler['compare'] = async (root, onNewFolder) => {
    walks += 1
    const number = walks
    const suspects = new Set<string>()
    const folders = new Set<string>()
    await walk(root, {
      ...scope,
      onFolder(path, { ino }) {
        folders.add(path)
        const before = known.folders.get(path)
        if (before === undefined) onNewFolder(path)
        else if (before !== ino && before !== unseen) scope.onReplaced(path)
        known.folders.set(path, ino)
      },
      onFile(path, stats) {
        const file = known.files.get(path)
        if (file === undefined || !isKnown(file, stats)) return void suspects.add(path)
        file.ino = stats.ino
        file.walk = number
      },
    })
    const below = (path: string) => path === root || path.startsWith(root + sep)
    for (const [path, file] of known.files) if (file.walk !== number && below(path)) suspects.add(path)
    for (const path of known.folders.keys()) if (below(path) && !folders.has(path)) suspects.add(path)
    return suspects
  }

  const lost = (path: string): Change[] => {
    if (known.files.delete(path)) return [{ path, kind: 'deleted' }]
    if (!known.folders.has(path)) return []
    const { files, folders } = known.forgetFolder(path)
    return [
      ...files.map((file) => ({ path: file, kind: 'deleted' as const })),
      ...folders.map((folder) => ({ path: folder, kind: 'deleted' as const, directory: true })),
    ]
  }

  const settle: Settler['settle'] = async (paths) => {
    const queue = [...new Set(paths)]
    const queued = new Set(queue)
    const deleted: Change[] = []
    const changed = new Set<string>()
    const saved = new Map<string, Saved>()
    /** A path may go after it was found changed: its folder is looked at later. */
    const lose = (path: string): Change[] => {
      const gone = lost(path)
      deleted.push(...gone)
      for (const each of gone) {
        changed.delete(each.path)
        saved.delete(each.path)
      }
      return gone
    }
    /** Something below a path that was a file: the file is gone, whether there was an event for it yet or not. */
    const loseAbove = (path: string) => {
      for (let above = dirname(path); above !== dirname(above); above = dirname(above)) {
        if (known.files.has(above)) lose(above)
      }
    }
    let sliceEnd = performance.now() + sliceMs
    for (const path of queue) {
      // What was looked at may change before its folder is, and is looked at again.
      queued.delete(path)
      if (performance.now() > sliceEnd) {
        await nextTurn()
        sliceEnd = performance.now() + sliceMs
      }
      const stats = lookAt(path, follows(path))
      if (!stats || !(stats.isDirectory() || hasContent(stats))) {
        const gone = lose(path)
        if (!stats && gone.length === 0 && path.includes('\uFFFD')) scope.onOddName?.(path)
      } else if (stats.isDirectory()) {
        if (known.files.has(path)) lose(path)
        loseAbove(path)
        for (const suspect of await compare(path, () => {})) {
          if (!queued.has(suspect)) queue.push(suspect)
          queued.add(suspect)
        }
      } else if (!ignored(path, false)) {
        if (known.folders.has(path)) lose(path)
        loseAbove(path)
        const old = known.files.get(path)
        const read = fingerprint(path, stats)
        const print = typeof read === 'number' ? read : await read
        known.files.set(path, { ctimeMs: stats.ctimeMs, ino: stats.ino, print, walk: walks })
        if (print !== old?.print) changed.add(path)
        else if (stats.ctimeMs !== old.ctimeMs) {
          saved.set(path, { path, before: saved.get(path)?.before ?? old.ctimeMs, after: stats.ctimeMs })
        }
      }
    }
    return {
      changes: [...deleted, ...[...changed].map((path) => ({ path, kind: 'changed' as const }))],
      saved: [...saved.values()],
    }
  }

  return { settle, compare }
}

function lookAt(path: string, follow: boolean): Stats | undefined {
  try {
    return (follow ? statSync : lstatSync)(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
