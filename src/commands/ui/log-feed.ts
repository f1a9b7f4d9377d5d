import { labels } from '../../lib/keys.ts'
import { followLogs } from '../../logs/follow.ts'
import { unitFinder } from '../../logs/units.ts'
import type { Cell } from '../../logs/view.ts'
import type { OpenProject } from '../../project/open.ts'
import { followLocalLines } from '../../session/local-lines.ts'
import { type History, history } from '../../ui/history.ts'
import { type Bell, bell } from '../../ui/sse.ts'
import type { UiLine } from './api.ts'

/** The lines of all services, externals and programs of this machine, for all pages. */
export interface LogFeed {
  readonly lines: History<UiLine>
  readonly rings: Bell
  /** Begins to read; more calls do nothing. Nothing is read before anyone looks. */
  begin(): void
}

/** What devk keeps of all lines. A page that reads too slowly misses what is forgotten meanwhile. */
const limits = { items: 20_000, size: 16 * 1024 * 1024 }
/** How many present lines of each container and program it begins with. */
const tail = 500

/**
 * Follows the logs of whichever cluster `project` is connected to, and of the programs that the devk on `socket` runs,
 * until the signal.
 */
export function logFeed(
  { project, socket }: { readonly project: Cell<OpenProject | undefined>; readonly socket: string },
  signal: AbortSignal,
): LogFeed {
  const lines = history<UiLine>(limits)
  const rings = bell()
  let begun = false
  const add = (line: UiLine) => {
    lines.add(line, line.text.length + 200)
    rings.ring()
  }
  const readPrograms = async () => {
    for await (const line of followLocalLines(socket, { tail, signal })) add(line)
  }
  const readPods = async () => {
    while (!signal.aborted) {
      const open = project.get()
      if (open === undefined) await project.next(signal)
      else {
        const other = new AbortController()
        const ends = AbortSignal.any([signal, other.signal])
        void project.next(ends).then(() => other.abort())
        const known = [...open.record.services.map(({ name }) => name), ...open.record.externals]
        const query = {
          labels: `${labels.project}=${open.record.name}`,
          serviceOf: unitFinder({ known, names: known }),
          tail,
          signal: ends,
        }
        for await (const { several: _, ...line } of followLogs(open, query)) add(line)
      }
    }
  }
  return {
    lines,
    rings,
    begin() {
      if (begun) return
      begun = true
      void readPods()
      void readPrograms()
    },
  }
}
