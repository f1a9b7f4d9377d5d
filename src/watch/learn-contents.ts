import { lstatSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fingerprint } from './fingerprint.ts'
import { isKnown, type KnownTree } from './known-tree.ts'

/** How long it works, and then pauses, in turn (ms). */
const sliceMs = 5
const largestFile = 1024 * 1024

/**
 * Reads the files that did not change since `before` (wall clock, ms), so that a save of the same content is recognised
 * from the first one on. It works in the background, in short slices. A file that it has not read yet counts as changed
 * when it is saved: that costs one needless sync at most.
 */
export async function learnContents(known: KnownTree, before: number, signal: AbortSignal): Promise<void> {
  let sliceEnd = performance.now() + sliceMs
  for (const [path, file] of known.files) {
    if (!Number.isNaN(file.print) || file.ctimeMs >= before) continue
    if (performance.now() > sliceEnd) {
      await sleep(sliceMs, undefined, { ref: false })
      if (signal.aborted) return
      sliceEnd = performance.now() + sliceMs
    }
    const stats = lookAt(path)
    if (!stats?.isFile() || stats.size > largestFile || !isKnown(file, stats)) continue
    const print = fingerprint(path, stats)
    if (typeof print === 'number') file.print = print
  }
}

function lookAt(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
