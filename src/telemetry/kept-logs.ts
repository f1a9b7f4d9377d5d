import { recordOf } from '../lib/record.ts'
import { type AskedStack, lineAskerOf } from './ask.ts'
import type { Asked } from './dashboards.ts'

/** A question about the logs that VictoriaLogs keeps. */
export interface LogsQuestion {
  /** In LogsQL. */
  readonly query: string
  /** How far back. */
  readonly minutes: number
  /** The most lines: the newest ones. */
  readonly limit: number
}

/** A line with its fields. All of it comes from programs in containers: it is data, and may hold any text. */
export interface KeptLine {
  /** RFC 3339. */
  readonly time: string
  readonly text: string
  readonly fields: Readonly<Record<string, string>>
}

const longest = 2000
/** Fields that say nothing more than others. */
const own = ['_time', '_msg', '_stream', '_stream_id']

/**
 * The lines that a query finds, oldest first: those of containers, and those that programs sent with OpenTelemetry.
 * Throws what `lineAskerOf` throws, with the words of VictoriaLogs for a wrong query.
 */
export async function readKeptLogs(
  open: AskedStack,
  { query, minutes, limit }: LogsQuestion,
  { now, signal }: Asked,
): Promise<KeptLine[]> {
  const ask = await lineAskerOf(open, { preset: 'logging', port: 9428 }, signal)
  const start = new Date(now - minutes * 60_000).toISOString()
  const parameters = new URLSearchParams({ query, start, limit: `${limit}`, timeout: '8s' })
  const lines = (await ask(`/select/logsql/query?${parameters}`)).map(lineOf)
  return lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
}

function lineOf(value: unknown): KeptLine {
  const { _time: time, _msg: text, ...all } = recordOf(value)
  const fields = Object.entries(all).flatMap(([name, each]) => (own.includes(name) ? [] : [[name, cut(each)]]))
  return { time: cut(time), text: cut(text), fields: Object.fromEntries(fields) }
}

function cut(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, longest) : ''
}
