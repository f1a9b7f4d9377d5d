import { colors } from '../../lib/colors.ts'
import { table } from '../../lib/table.ts'
import { count, duration } from '../../lib/text.ts'
import { indented } from '../../lib/wrap.ts'
import type { StatusReport } from './report.ts'
import { type SessionEntry, type State, shortImage, type WorkloadEntry } from './report.ts'

/** How the report is shown. */
export interface TextOptions {
  readonly columns: number
  readonly color: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
}

const headings = [
  { title: 'SERVICE', flexible: true },
  { title: 'STATE' },
  { title: 'PODS', optional: true },
  { title: 'RESTARTS', optional: true },
  { title: 'IMAGE', optional: true },
  { title: 'SINCE', optional: true },
  { title: 'URL', flexible: true },
]

/**
 * The report as text: one line for each service, preset, external and forward, and below it the reason if it is not
 * ready. Pure.
 */
export function statusText(report: StatusReport, { columns, color, now }: TextOptions): string {
  const paint = colors(color)
  const rows = [...report.services, ...report.presets, ...report.externals].map((entry) => row(entry, now))
  const ofState: Record<State, (text: string) => string> = {
    ready: paint.green,
    starting: paint.yellow,
    failed: paint.red,
    stopped: paint.dim,
    unavailable: paint.dim,
  }
  const states = [...report.services, ...report.presets, ...report.externals].map((entry) => entry.state)
  const { context, nodes } = report.cluster
  const lines = [
    `${paint.bold(report.project)}  ${context}  ${count(nodes.length, 'node')}`,
    '',
    ...table(
      headings,
      rows.map(({ cells }) => ({ cells })),
      columns,
      (text, at, column) => (column === 1 ? ofState[states[at] ?? 'stopped'](text) : text),
    ).flatMap((line, index) => [
      line,
      ...(rows[index - 1]?.reason ?? []).flatMap((reason) => indented(reason, 2, columns)),
    ]),
  ]
  const forwards = report.forwards.map(
    ({ name, url, state: is, reason }) => `  ${name}  ${url}  ${is}${reason === null ? '' : ` (${reason})`}`,
  )
  const locals = report.locals.map(({ name, state: is, reason, urls }) =>
    [`  ${name}`, ...urls, `${is}${reason === null ? '' : ` (${reason})`}`].join('  '),
  )
  const warnings = report.warnings.flatMap((warning) => indented(`${paint.yellow('!')} ${warning}`, 2, columns))
  const sections = [
    ...(report.session === null ? [] : ['', 'SESSION', ...indented(sessionLine(report.session, now), 2, columns)]),
    ...(forwards.length > 0 ? ['', 'FORWARDS', ...forwards] : []),
    ...(locals.length > 0 ? ['', 'ON THIS MACHINE', ...locals] : []),
    ...(warnings.length > 0 ? ['', ...warnings] : []),
  ]
  return `${[...lines, ...sections].join('\n')}\n`
}

function sessionLine({ command, pid, since, phase, background }: SessionEntry, now: number): string {
  const phases = { starting: 'brings the stack up', up: 'watches and forwards', failed: 'the stack is not up' }
  const age = duration(Math.max(1000, now - Date.parse(since)))
  const where = background ? 'in the background, ' : ''
  const how = background ? '   (devk attach, devk stop)' : ''
  return `${command}  ${where}pid ${pid}, for ${age}: ${phases[phase]}${how}`
}

function row(entry: WorkloadEntry, now: number): { cells: string[]; reason: string[] } {
  const ready = entry.pods.filter((pod) => pod.ready).length
  const cells = [
    entry.name,
    entry.state,
    `${ready}/${entry.pods.length}`,
    String(entry.restarts),
    entry.image === null ? '' : shortImage(entry.image),
    entry.since === null ? '' : duration(Math.max(1000, now - Date.parse(entry.since))),
    entry.url ?? '',
  ]
  return { cells, reason: [entry.note, entry.reason].filter((line) => line !== null) }
}
