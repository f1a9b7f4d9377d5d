import type { CliContext } from '../../context.ts'
import { colors } from '../../lib/colors.ts'
import type { SessionEvent } from '../../loop/events.ts'
import { saveStats } from '../../loop/save-stats.ts'
import type { Session } from '../../session/session.ts'
import type { SaveTraces } from '../../telemetry/save-traces.ts'
import { eventText, failureText, textOf, timesText, timingText } from './event-text.ts'

/** Prints what the loop does: a line of time, service and event, or with --json an object a line. */
export interface LiveReporter {
  event(event: SessionEvent): void
  /** Prints what is no event of the loop. */
  line(service: string, text: string): void
  /** What the command wrote that failed last after a sync. */
  lastFailure(): string | undefined
  /** Prints how long the saves took, if there were any. */
  times(): void
}

/** How to report. */
export interface LiveReportOptions {
  /** The end of the first line: what the user can do. */
  hint(): string
  /** Show with each save where its time went. */
  readonly timing: boolean
  /** Takes each event and line as well. */
  readonly also: Pick<Session, 'event' | 'note'>
  /** Takes each event too, and makes traces of saves. */
  readonly traces?: Pick<SaveTraces, 'event'> | undefined
}

/** Creates the reporter of a loop. */
export function liveReporter(ctx: CliContext, { hint, timing, also, traces }: LiveReportOptions): LiveReporter {
  const paint = colors(ctx.color)
  const print = (service: string, text: string) => {
    const time = new Date(ctx.clock()).toTimeString().slice(0, 8)
    ctx.stderr.write(`${paint.dim(time)} ${paint.cyan(service.padEnd(9))} ${text}\n`)
  }
  let failure: string | undefined
  const stats = saveStats()
  return {
    times() {
      const times = stats.times()
      if (times.length === 0) return
      if (ctx.json) ctx.stdout.write(`${JSON.stringify({ type: 'times', times })}\n`)
      else for (const each of times) print('devk', timesText(each))
    },
    line(service, text) {
      also.note(service, text)
      print(service, text)
    },
    lastFailure: () => failure,
    event(event) {
      also.event(event, eventText(event))
      traces?.event(event)
      const told = failureText(event)
      failure = told ?? failure
      stats.event(event)
      if (ctx.json) {
        ctx.stdout.write(
          `${JSON.stringify({ ...event, ...('error' in event ? { error: textOf(event.error) } : {}) })}\n`,
        )
        return
      }
      // What waits is said once; devk status and the page count it.
      if (event.type === 'held' && event.again) return
      const service = 'service' in event ? (event.service ?? 'devk') : 'devk'
      const text = event.type === 'watching' ? `${eventText(event)}  ${hint()}` : eventText(event)
      const bad = event.type === 'failed' || event.type === 'crashed' || told !== undefined
      print(service, bad ? `${paint.red('✖')} ${text}` : text)
      const save = timing && 'save' in event && !isBetween(event) ? event.save : undefined
      if (save) ctx.stderr.write(`${' '.repeat(19)}${paint.dim(timingText(save))}\n`)
      if (bad) ctx.stderr.write(`${' '.repeat(19)}${paint.dim('still watching; the next save tries again')}\n`)
    },
  }
}

/** The time of the save is told when it has arrived, or if it does not. */
const isBetween = (event: SessionEvent) =>
  /^(rebuilding|redeploying|compiling)$/.test(event.type) || (event.type === 'compiled' && event.outputs > 0)
