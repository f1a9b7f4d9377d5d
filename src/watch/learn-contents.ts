import { lstatSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fingerprint } from './fingerprint.ts'
import type { KnownTree } from './known-tree.ts'

/** Time it works, and then rests. */
const sliceMs = 5
const largestFile = 1024 * 1024

/**
 * Learns the content of files nobody has touched since `before` (wall clock), so that the first save that changes nothing is known for what
 * it is. Done in the background in small slices; what it has not come to yet counts as changed, which costs a needless sync at most.
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
    if (!stats?.isFile() || stats.size > largestFile || stats.ctimeMs !== file.ctimeMs) continue
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
