import { DevkError } from '../../errors.ts'
import { abortable } from '../../lib/wait.ts'
import type { Cell } from '../../logs/view.ts'
import type { OpenProject } from '../../project/open.ts'
import { readChoices } from '../../release/colours.ts'
import { readHistory } from '../history.ts'
import type { UiColours, UiReleases } from './api.ts'
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
    if (open === undefined) return nothing('The cluster is away.')
    const late = AbortSignal.any([signal, AbortSignal.timeout(patience)])
    try {
      const both = Promise.all([readHistory(open, late), readColours(open, late)])
      const [history, colours] = await abortable(both, late)
      return { history, colours, problem: null }
    } catch (error) {
      if (late.aborted) return nothing('The cluster does not answer.')
      if (!(error instanceof DevkError)) throw error
      return nothing(reasonOf(error))
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

const nothing = (problem: string): UiReleases => ({ history: null, colours: [], problem })

async function readColours({ kube, record }: OpenProject, signal: AbortSignal): Promise<UiColours[]> {
  const { all } = await readChoices(kube, record.name, signal)
  return all.map(({ service, key, current, colours }) => ({
    service: service.metadata.name,
    label: key,
    current,
    colours: [...colours.keys()],
  }))
}
