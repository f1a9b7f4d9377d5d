import type { UiChange, UiHappening } from '../src/commands/ui/api.ts'

/** What the timeline shows. Everything here is pure. */

/** What a row of the timeline tells of. */
export type Source = UiHappening['source'] | 'state'

/** A row of the timeline. */
export interface Row extends Omit<UiHappening, 'source'> {
  readonly source: Source
}

/** Which rows to show. */
export interface RowFilter {
  /** A regular expression, without regard to upper and lower case. */
  readonly pattern: string
  /** Only of this service, external or preset; empty: of all. */
  readonly name: string
  /** Only of this source, or only warnings; empty: all. */
  readonly kind: '' | Source | 'warning'
}

/** A change of state as a row. The first state of each part is not news. */
export function rowsOf(changes: readonly UiChange[]): Row[] {
  return changes
    .filter(({ from }) => from !== null && from !== 'connecting')
    .map(({ time, kind, name, from, to, reason }) => ({
      id: `${time} ${kind} ${name}`,
      time,
      source: 'state',
      names: kind === 'cluster' ? [] : [name],
      kind: to,
      object: kind === 'cluster' ? `cluster ${name}` : null,
      warning: to === 'failed' || to === 'unavailable' || to === 'away',
      text: `${from} → ${to}${reason === null ? '' : `: ${reason}`}`,
      count: 1,
    }))
}

/** The rows with `more`, newest first, at most `most`. A row that came again is at its new time only. */
export function merged(rows: readonly Row[], more: readonly Row[], most: number): Row[] {
  const byId = new Map([...rows, ...more].map((row) => [row.id, row]))
  return [...byId.values()].sort((a, b) => msOf(b) - msOf(a)).slice(0, most)
}

const msOf = ({ time }: Row) => Date.parse(time) || 0

/** A filter as a function, or why its pattern is none. */
export function compile({ pattern, name, kind }: RowFilter): ((row: Row) => boolean) | { problem: string } {
  try {
    const expression = pattern === '' ? undefined : new RegExp(pattern, 'i')
    return (row) =>
      (name === '' || row.names.includes(name)) &&
      (kind === '' || (kind === 'warning' ? row.warning : row.source === kind)) &&
      (expression === undefined || expression.test(lineOf(row)))
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** The row as one line: a message of several lines must not cover the next row. */
export function lineOf({ kind, object, text, count, source }: Row): string {
  const words = [
    ...(source === 'state' ? [] : [kind]),
    ...(object === null ? [] : [object]),
    text,
    ...(count > 1 ? [`(${count} times)`] : []),
  ]
  return words.join(' ').replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ')
}
