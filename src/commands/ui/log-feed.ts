import { labels } from '../../lib/keys.ts'
import { followLogs } from '../../logs/follow.ts'
import { unitFinder } from '../../logs/units.ts'
import type { Cell } from '../../logs/view.ts'
import type { OpenProject } from '../../project/open.ts'
import { followLocalLines } from '../../session/local-lines.ts'
import { followSentLines } from '../../telemetry/sent-lines.ts'
import { type History, history } from '../../ui/history.ts'
import { type Bell, bell } from '../../ui/sse.ts'
import type { UiLine } from './api.ts'

/** The lines of all services, externals and programs of this machine, for all pages; also those that services send. */
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
 * Follows the logs of whichever cluster `project` is connected to, what its services send to the preset logging, and
 * the logs of the programs that the devk on `socket` runs, until the signal.
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
  /** Reads from each cluster until the next one. */
  const readEach = async (read: (open: OpenProject, ends: AbortSignal) => AsyncIterable<UiLine>) => {
    while (!signal.aborted) {
      const open = project.get()
      if (open === undefined) await project.next(signal)
      else {
        const other = new AbortController()
        const ends = AbortSignal.any([signal, other.signal])
        const next = project.next(ends).then(() => other.abort())
        for await (const line of read(open, ends)) add(line)
        await next
      }
    }
  }
  return {
    lines,
    rings,
    begin() {
      if (begun) return
      begun = true
      void readEach(linesOfPods)
      void readEach(sentLines)
      void readPrograms()
    },
  }
}

async function* linesOfPods(open: OpenProject, signal: AbortSignal): AsyncGenerator<UiLine> {
  const known = [...open.record.services.map(({ name }) => name), ...open.record.externals]
  const query = {
    labels: `${labels.project}=${open.record.name}`,
    serviceOf: unitFinder({ known, names: known }),
    tail,
    signal,
  }
  for await (const { several: _, ...line } of followLogs(open, query)) yield line
}

/** What programs send with OpenTelemetry, if a preset keeps it. */
async function* sentLines(open: OpenProject, signal: AbortSignal): AsyncGenerator<UiLine> {
  const services = open.record.services.map(({ name }) => name)
  const isKept = open.record.presets.some(({ name }) => name === 'logging')
  if (isKept && services.length > 0) yield* followSentLines(open, services, { now: Date.now, signal })
}
