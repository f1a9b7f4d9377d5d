import { DevkError } from '../../errors.ts'
import { count, duration, messageOf } from '../../lib/text.ts'
import type { SessionEvent } from '../../loop/events.ts'
import type { SaveTimes } from '../../loop/save-stats.ts'
import type { SaveTime } from '../../loop/save-time.ts'
import type { EndedBy } from '../../session/session.ts'
import { safeName, safeText } from '../../terminal/safe-text.ts'
import { pausedText } from './keys.ts'

/** One line that says what happened. */
export function eventText(event: SessionEvent): string {
  switch (event.type) {
    case 'watching':
      return event.services.length === 0
        ? 'Watching the manifests; no service is built here.'
        : `Watching ${event.services.join(', ')}.`
    case 'synced': {
      const names = namesOf(event.files)
      const again = event.again ? ' again, after a restart' : ''
      return `synced ${count(event.files.length, 'file')} (${names})${again} · ${duration(event.ms)}`
    }
    case 'running':
      return `running ${safeName(event.command)} in ${event.pod} …`
    case 'ran':
      return ranText(event)
    case 'pulled':
      return `brought back ${count(event.files.length, 'file')} (${namesOf(event.files)}) from ${event.pod}`
    case 'compiling':
      return 'compiling here …'
    case 'compiled':
      return compiledText(event)
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
    case 'held': {
      if (event.service === undefined) return 'manifests or configuration were saved, and wait'
      return event.paused ? 'saved, and waits' : `saved, and waits for devk trigger ${event.service}`
    }
    case 'triggered':
      return `sending ${count(event.count, 'file')} that waited`
    case 'traced':
      return `save ${event.number} is the trace ${event.trace}`
    case 'paused':
      return pausedText
    case 'resumed':
      return event.count === 0 ? 'resumed' : `resumed: sending ${count(event.count, 'file')}, saved meanwhile`
    case 'local':
      return localText(event)
    case 'warning':
      return `${event.warning.message}\n${event.warning.hint}`.replaceAll('\n', `\n${' '.repeat(19)}`)
  }
}

function namesOf(paths: readonly string[]): string {
  const files = paths.map(safeName)
  return files.length <= 3 ? files.join(', ') : `${files.slice(0, 2).join(', ')}, …`
}

/** What a command did. Of the output of one that failed, the last line; a key and --json show the rest. */
function ranText({ command, pod, problem, output, ms }: Extract<SessionEvent, { type: 'ran' }>): string {
  if (problem === undefined) return `ran ${safeName(command)} in ${pod} · ${duration(ms)}`
  return `${safeName(command)} in ${pod} ${problem}${folded(lastLine(output))}`
}

/** What a build on this machine did. Of a failure, the first line that names a place; --json and a key show all. */
function compiledText({ problem, output, outputs, ms }: Extract<SessionEvent, { type: 'compiled' }>): string {
  if (problem === undefined) {
    const made = outputs === 0 ? 'and its outputs are the same' : `and ${count(outputs, 'output')} changed`
    return `compiled here, ${made} · ${duration(ms)}`
  }
  const mistake = output.split('\n').find((line) => /\S(:\d+(:\d+)?\b|\(\d+,\d+\))/.test(line))
  return `the build on this machine ${problem}${folded(mistake ?? lastLine(output))}`
}

/** What a program of this machine does. Of one that failed, the last line; a key and --json show more. */
function localText({ state, reason, output, urls }: Extract<SessionEvent, { type: 'local' }>): string {
  const why = reason === undefined ? '' : `: ${safeName(reason)}`
  switch (state) {
    case 'waiting':
      return safeName(reason ?? 'waits')
    case 'running':
      return [reason === undefined ? 'started on this machine' : `started again${why}`, ...urls].join('  ')
    case 'ended':
      return `ended${why}`
    case 'failed':
      return `does not run${why}${folded(lastLine(output))}`
  }
}

const lastLine = (output: string) => output.trimEnd().split('\n').at(-1)
const folded = (line = '') => (line.trim() === '' ? '' : `: ${safeName(line.trim())}`)

/** The output of a command, a build or a program on this machine that failed; undefined for any other event. */
export function failureText(event: SessionEvent): string | undefined {
  if (event.type === 'local') {
    if (event.state !== 'failed') return undefined
    return [`${event.service} does not run: ${event.reason}`, safeText(event.output.trimEnd())].join('\n')
  }
  if ((event.type !== 'ran' && event.type !== 'compiled') || event.problem === undefined) return undefined
  const what = event.type === 'ran' ? `${safeName(event.command)} in ${event.pod}` : 'the build on this machine'
  return [`${event.service}: ${what} ${event.problem}`, safeText(event.output.trimEnd())].join('\n')
}

/** What a user reads of an error. */
export function textOf(error: unknown): string {
  if (error instanceof DevkError)
    return [error.message, ...error.details].join('\n').replaceAll('\n', `\n${' '.repeat(19)}`)
  return messageOf(error)
}

/** Where the time of a save went: `save 3: settled 13 ms · sent 2 ms · total 19 ms`. */
export function timingText({ id, steps, ms }: SaveTime): string {
  const parts = steps.map((step) => `${step.name} ${short(step.ms)}`)
  return `save ${id}: ${[...parts, `total ${short(ms)}`].join(' · ')}`
}

/** How long the saves of a service took, for the end of the loop. */
export function timesText({ service, kind, count: saves, p50, p95 }: SaveTimes): string {
  const about = service === undefined ? kind : `${service} ${kind}`
  return `${about}: ${count(saves, 'save')} · p50 ${short(p50)} · p95 ${short(p95)}`
}

/** Steps that take less than a few milliseconds differ in their decimals. */
const short = (ms: number) => (ms < 10 ? `${ms.toFixed(1)} ms` : duration(ms))

/** What the terminal of a devk shows that another command ends. */
export function endedText(by: EndedBy): string {
  if (by === 'down') return 'devk down ends this devk, and then removes the stack'
  return 'devk stop ends this devk, and the stack stays up'
}
