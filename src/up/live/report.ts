import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { colors } from '../../lib/colors.ts'
import { count, duration } from '../../lib/text.ts'
import type { SessionEvent } from '../../loop/events.ts'
import type { Session } from '../../session/session.ts'
import { safeName, safeText } from '../../terminal/safe-text.ts'

/** Prints what the loop does: a line of time, service and event, or with --json an object a line. */
export interface LiveReporter {
  event(event: SessionEvent): void
  line(service: string, text: string): void
  /** What the command wrote that failed last after a sync. */
  lastFailure(): string | undefined
}

/** `hint` is the end of the first line: what the user can do. `also` takes each event as well. */
export function liveReporter(ctx: CliContext, hint: () => string, also: Session['event']): LiveReporter {
  const paint = colors(ctx.color)
  const line = (service: string, text: string) => {
    const time = new Date(ctx.clock()).toTimeString().slice(0, 8)
    ctx.stderr.write(`${paint.dim(time)} ${paint.cyan(service.padEnd(9))} ${text}\n`)
  }
  let failure: string | undefined
  return {
    line,
    lastFailure: () => failure,
    event(event) {
      also(event, eventText(event))
      if (event.type === 'ran' && event.problem !== undefined) failure = failureText(event)
      if (ctx.json) {
        ctx.stdout.write(
          `${JSON.stringify({ ...event, ...('error' in event ? { error: textOf(event.error) } : {}) })}\n`,
        )
        return
      }
      const service = 'service' in event ? (event.service ?? 'devk') : 'devk'
      const text = event.type === 'watching' ? `${eventText(event)}  ${hint()}` : eventText(event)
      const bad =
        event.type === 'failed' || event.type === 'crashed' || (event.type === 'ran' && event.problem !== undefined)
      line(service, bad ? `${paint.red('✖')} ${text}` : text)
      if (bad) ctx.stderr.write(`${' '.repeat(19)}${paint.dim('still watching; the next save tries again')}\n`)
    },
  }
}

/** One line that says what happened. */
function eventText(event: SessionEvent): string {
  switch (event.type) {
    case 'watching':
      return event.services.length === 0
        ? 'Watching the manifests; no service is built here.'
        : `Watching ${event.services.join(', ')}.`
    case 'synced': {
      const files = event.files.map(safeName)
      const names = files.length <= 3 ? files.join(', ') : `${files.slice(0, 2).join(', ')}, …`
      const again = event.again ? ' again, after a restart' : ''
      return `synced ${count(event.files.length, 'file')} (${names})${again} · ${duration(event.ms)}`
    }
    case 'running':
      return `running ${safeName(event.command)} in ${event.pod} …`
    case 'ran':
      return ranText(event)
    case 'rebuilding':
      return `rebuilding (${event.reason}) …`
    case 'ready':
      return [...event.stages.map(({ name, ms }) => `${name} ${duration(ms)}`), `total ${duration(event.ms)}`].join(
        ' · ',
      )
    case 'failed':
      return `${event.during} failed: ${textOf(event.error)}`
    case 'crashed': {
      if (event.exitCode === 0) return `does not keep running: it ends with exit code 0 (${event.pod.name})`
      const code = event.exitCode === undefined ? '' : `, exit code ${event.exitCode}`
      return `crashed${event.afterSync ? ' after sync' : ''}: ${event.reason}${code} (${event.pod.name})`
    }
    case 'restarting':
      return `replacing ${event.pod}, which keeps crashing`
    case 'redeploying':
      return `applying all objects (${event.reason}) …`
    case 'redeployed':
      return `applied · ${duration(event.ms)}`
    case 'warning':
      return `${event.warning.message}\n${event.warning.hint}`.replaceAll('\n', `\n${' '.repeat(19)}`)
  }
}

/** What a command did. Of the output of one that failed, the last line; a key and --json show the rest. */
function ranText({ command, pod, problem, output, ms }: Extract<SessionEvent, { type: 'ran' }>): string {
  if (problem === undefined) return `ran ${safeName(command)} in ${pod} · ${duration(ms)}`
  const last = output.trimEnd().split('\n').at(-1)?.trim()
  return `${safeName(command)} in ${pod} ${problem}${last ? `: ${last}` : ''}`
}

function failureText({ service, command, pod, problem, output }: Extract<SessionEvent, { type: 'ran' }>): string {
  return [`${service}: ${safeName(command)} in ${pod} ${problem}`, safeText(output.trimEnd())].join('\n')
}

function textOf(error: unknown): string {
  if (error instanceof DevkError)
    return [error.message, ...error.details].join('\n').replaceAll('\n', `\n${' '.repeat(19)}`)
  return error instanceof Error ? error.message : String(error)
}
