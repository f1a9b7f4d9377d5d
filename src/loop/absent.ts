import { lstatSync } from 'node:fs'
import type { PendingTree } from '../sync/pending-tree.ts'
import type { SyncFile } from '../sync/syncer.ts'

/** Files that were not on this machine when they were to be sent. */
export interface AbsentFiles {
  note(files: readonly SyncFile[]): void
}

/** How often it looks for them (ms), and how many times. The watch tells of a deletion sooner. */
const pauseMs = 250
const looks = 20

/**
 * Calls `onBack` with files that come back. A folder that is moved away and back takes its files along, and they are
 * as they were: the watch has nothing to tell. A file that is deleted is another change of the tree, and forgotten.
 */
export function absentFiles(
  tree: Pick<PendingTree, 'has'>,
  onBack: (files: readonly SyncFile[]) => void,
  signal: AbortSignal,
): AbsentFiles {
  const waiting = new Map<SyncFile, number>()
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    timer = undefined
    if (signal.aborted) return
    const back = [...waiting.keys()].filter((file) => tree.has(file) && isThere(file))
    for (const [file, left] of waiting) {
      if (!tree.has(file) || back.includes(file) || left === 0) waiting.delete(file)
      else waiting.set(file, left - 1)
    }
    if (waiting.size > 0) start()
    if (back.length > 0) onBack(back)
  }
  const start = () => {
    if (timer === undefined) timer = setTimeout(look, pauseMs).unref()
  }
  return {
    note(files) {
      for (const file of files) waiting.set(file, looks)
      if (waiting.size > 0) start()
    },
  }
}

function isThere(file: SyncFile): boolean {
  try {
    return file.kind === 'write' && !lstatSync(file.from).isDirectory()
  } catch {
    return false
  }
}
