import { DevkError } from '../../errors.ts'
import { abortable } from '../../lib/wait.ts'
import type { Cell } from '../../logs/view.ts'
import type { OpenProject } from '../../project/open.ts'
import { readHistory } from '../history.ts'
import type { UiReleases } from './api.ts'
import { reasonOf } from './observe.ts'

/** How long the cluster may take to answer, milliseconds. */
const patienceMs = 12_000

/**
 * Reads the revisions of all services from whichever cluster `project` is connected to, or says why it cannot. Several
 * questions at once are one.
 */
export function releasesReader(
  project: Cell<OpenProject | undefined>,
  signal: AbortSignal,
  patience = patienceMs,
): () => Promise<UiReleases> {
  const read = async (): Promise<UiReleases> => {
    const open = project.get()
    if (open === undefined) return { history: null, problem: 'The cluster is away.' }
    const late = AbortSignal.any([signal, AbortSignal.timeout(patience)])
    try {
      return { history: await abortable(readHistory(open, late), late), problem: null }
    } catch (error) {
      if (late.aborted) return { history: null, problem: 'The cluster does not answer.' }
      if (!(error instanceof DevkError)) throw error
      return { history: null, problem: reasonOf(error) }
    }
  }
  let reading: Promise<UiReleases> | undefined
  return () => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }
}
