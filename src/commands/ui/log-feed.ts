import { labels } from '../../lib/keys.ts'
import { followLogs } from '../../logs/follow.ts'
import { unitFinder } from '../../logs/units.ts'
import type { Cell } from '../../logs/view.ts'
import type { OpenProject } from '../../project/open.ts'
import { type History, history } from '../../ui/history.ts'
import { type Bell, bell } from '../../ui/sse.ts'
import type { UiLine } from './api.ts'

/** The lines of all services and externals, for all pages. */
export interface LogFeed {
  readonly lines: History<UiLine>
  readonly rings: Bell
  /** Begins to read; more calls do nothing. Nothing is read before anyone looks. */
  begin(): void
}

/** What devk keeps of all lines. A page that reads too slowly misses what is forgotten meanwhile. */
const limits = { items: 20_000, size: 16 * 1024 * 1024 }
/** How many present lines of each container it begins with. */
const tail = 500

/** Follows the logs of whichever cluster `project` is connected to, until the signal. */
export function logFeed(project: Cell<OpenProject | undefined>, signal: AbortSignal): LogFeed {
  const lines = history<UiLine>(limits)
  const rings = bell()
  let begun = false
  const read = async () => {
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
        for await (const { several: _, ...line } of followLogs(open, query)) {
          lines.add(line, line.text.length + 200)
          rings.ring()
        }
      }
    }
  }
  return {
    lines,
    rings,
    begin() {
      if (begun) return
      begun = true
      void read()
    },
  }
}
