import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import type { AskedStack } from './ask.ts'
import { type KeptLine, readKeptLogs } from './kept-logs.ts'

/** A line that a program sent with OpenTelemetry. It is data, and may hold any text. */
export interface SentLine {
  readonly service: string
  /** Its name, if the program says it; what else it says, or nothing. */
  readonly pod: string
  readonly container: string
  /** RFC 3339. */
  readonly time: string
  /** The message, or an object in JSON with the level, the message and the fields. */
  readonly text: string
}

/** How lines are followed. */
export interface Following {
  /** Wall clock, ms. */
  readonly now: () => number
  readonly signal: AbortSignal
  /** How long to wait between two questions, milliseconds. */
  readonly paceMs?: number
}

/** Where a line says that it comes from, in place of a container. */
const origin = 'OpenTelemetry'
/** Minutes: of the first question; and of the others, since a program sends a line some seconds after it was made. */
const back = { first: 15, later: 1 }
const most = 2000
const pace = { usualMs: 2000, afterFailureMs: 10_000 }

/**
 * Follows what the programs of these services send to the preset logging: those of the last minutes, then each once as
 * it comes, until the signal. If more came than is read, one line says so. While the preset does not answer, it waits.
 */
export async function* followSentLines(
  stack: AskedStack,
  services: readonly string[],
  { now, signal, paceMs = pace.usualMs }: Following,
): AsyncGenerator<SentLine> {
  const query = sentQuery(services)
  let seen: ReadonlySet<string> | undefined
  while (!signal.aborted) {
    const minutes = seen === undefined ? back.first : back.later
    const kept = await readKeptLogs(stack, { query, minutes, limit: most }, { now: now(), signal }).catch(
      (error: unknown) => {
        if (signal.aborted || error instanceof DevkError) return undefined
        throw error
      },
    )
    if (kept !== undefined) {
      const lines = new Map(kept.map((line) => [JSON.stringify(line), line]))
      const fresh = [...lines].filter(([key]) => !seen?.has(key)).map(([, line]) => sentLine(line))
      const [first] = fresh
      if (seen !== undefined && first !== undefined && fresh.length === most) yield { ...first, text: missing }
      yield* fresh
      seen = new Set(lines.keys())
    }
    await sleep(kept === undefined ? pace.afterFailureMs : paceMs, undefined, { signal }).catch(() => undefined)
  }
}

const missing = `More lines were sent than devk reads (${most} at once): some before this one are missing.`

/** The query for lines of these services that the collector has not read from a container. Pure. */
export function sentQuery(services: readonly string[]): string {
  return `"service.name":in(${services.map((name) => JSON.stringify(name)).join(',')}) "log.iostream":""`
}

/** The severity of a line without one. */
const unspecified = 'Unspecified'
/** Fields that say who sent a line, which stands beside it, or nothing that a reader looks for. */
const unsaid = /^(service|k8s|telemetry|process|host|os|container|scope)\.|^severity_(text|number)$|^flags$/

/** A line as the page shows lines of containers, in one line. Pure. */
export function sentLine({ time, text, fields }: KeptLine): SentLine {
  const { severity_text: severity = '' } = fields
  const level = severity === unspecified ? '' : severity
  const said = Object.entries(fields).filter(([name, value]) => !unsaid.test(name) && value !== '')
  const isPlain = said.length === 0 && /^(info)?$/i.test(level) && !/[\r\n]/.test(text)
  const structured = Object.fromEntries([...said, ...(level === '' ? [] : [['level', level]]), ['message', text]])
  return {
    service: fields['service.name'] ?? '',
    pod: fields['k8s.pod.name'] ?? fields['service.instance.id'] ?? '',
    container: origin,
    time,
    text: isPlain ? text : JSON.stringify(structured),
  }
}
