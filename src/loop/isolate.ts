import type { SyncFile } from '../sync/syncer.ts'

/** What became of files that could not be sent together. */
export interface Isolated {
  /** Files that cannot be sent, each with the reason. */
  readonly refused: ReadonlyMap<SyncFile, unknown>
  /** The container ended meanwhile. */
  readonly gone: boolean
}

/** When this many files fail one after the other, the files are not the reason. */
const mostInRow = 8

/**
 * Sends files in ever smaller parts, in their order, to find those that cannot be sent: one that is unreadable here, or
 * unwritable there. All others arrive. Throws the last reason when none arrives or many in a row do not: the container
 * cannot be reached then, or takes no files at all.
 */
export async function isolate(
  files: readonly SyncFile[],
  send: (files: readonly SyncFile[]) => Promise<unknown>,
): Promise<Isolated> {
  const refused = new Map<SyncFile, unknown>()
  let inRow = 0
  const halves = async (part: readonly SyncFile[]): Promise<boolean> => {
    const middle = Math.ceil(part.length / 2)
    return (await attempt(part.slice(0, middle))) && attempt(part.slice(middle))
  }
  const attempt = async (part: readonly SyncFile[]): Promise<boolean> => {
    if (part.length === 0) return true
    try {
      if ((await send(part)) === 'gone') return false
      inRow = 0
      return true
    } catch (error) {
      if (part.length > 1) return halves(part)
      for (const file of part) refused.set(file, error)
      inRow += 1
      if (inRow >= mostInRow || refused.size === files.length) throw error
      return true
    }
  }
  return { gone: !(await halves(files)), refused }
}
