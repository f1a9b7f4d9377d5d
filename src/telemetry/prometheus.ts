import { recordOf } from '../lib/record.ts'

/** What Prometheus is asked, and what it answers, as devk shows it. Everything here is pure, and takes any JSON. */

/** The preset that answers, and its port. */
export const prometheus = { preset: 'prometheus', port: 9090 }

/** A line of a chart. Labels come from programs in containers: they are data, and may hold any text. */
export interface Line {
  readonly name: string
  /** One for each time of the chart; null where there is no value. */
  readonly values: readonly (number | null)[]
}

/** A series: its labels, and a value for each time of the chart. */
export interface Labelled {
  readonly labels: Readonly<Record<string, string>>
  readonly values: Line['values']
}

/** The times of a chart, in seconds. */
export interface Range {
  readonly start: number
  readonly end: number
  readonly step: number
}

/** About how many points a chart has. */
const points = 120
/** How often the preset reads metrics, in seconds. */
const scrapeSeconds = 15

/** The times of the last minutes. Metrics are read once in each step, or more often. `now` is wall clock, ms. */
export function rangeOf(minutes: number, now: number): Range {
  const seconds = minutes * 60
  const step = Math.max(1, Math.ceil(seconds / points / scrapeSeconds)) * scrapeSeconds
  const end = Math.floor(now / 1000 / step) * step
  return { start: end - Math.ceil(seconds / step) * step, end, step }
}

/** The path of a range query. `limit` is the most series of the answer; undefined: all. */
export function rangePath(query: string, { start, end, step }: Range, limit?: number): string {
  const parameters = new URLSearchParams({ query, start: `${start}`, end: `${end}`, step: `${step}` })
  if (limit !== undefined) parameters.set('limit', `${limit}`)
  return `/api/v1/query_range?${parameters}`
}

/** All times of a range. */
export function timesOf({ start, end, step }: Range): number[] {
  return Array.from({ length: Math.round((end - start) / step) + 1 }, (_, index) => start + index * step)
}

/** How far `rate()` looks back, in seconds: four readings at least, and no gap between two points. */
export function intervalOf(step: number): number {
  return Math.max(4 * scrapeSeconds, step + scrapeSeconds)
}

/** Fills in Grafana's variable for this. */
export function withInterval(expr: string, step: number): string {
  return expr.replaceAll('$__rate_interval', `${intervalOf(step)}s`)
}

/** The lines of an answer to a range query. `legend` is `{{pod}} in`, as Grafana takes it. */
export function linesIn(answer: unknown, legend: string, range: Range): Line[] {
  return labelledIn(answer, range).map(({ labels, values }) => ({ name: legendOf(legend, labels), values }))
}

/** The series of an answer to a range query, with their labels. */
export function labelledIn(answer: unknown, range: Range): Labelled[] {
  const count = timesOf(range).length
  return seriesOf(answer).map(({ metric, values }) => {
    const line: (number | null)[] = Array.from({ length: count }, () => null)
    for (const each of Array.isArray(values) ? values : []) {
      const [time, value] = pointOf(each)
      const index = Math.round((time - range.start) / range.step)
      if (index >= 0 && index < count) line[index] = value
    }
    const labels = Object.entries(metric).map(([name, text]) => [name, String(text)])
    return { labels: Object.fromEntries(labels), values: line }
  })
}

/** The texts in a list that Prometheus gives, such as the values of a label. */
export function textsIn(answer: unknown): string[] {
  const { data } = recordOf(answer)
  return (Array.isArray(data) ? data : []).filter((each) => typeof each === 'string')
}

/** The values of an answer to an instant query, by a label. */
export function valuesIn(answer: unknown, label: string): Map<string, number> {
  const all = seriesOf(answer).flatMap(({ metric, value }): [string, number][] => {
    const [, number] = pointOf(value)
    const name = metric[label]
    return number === null || typeof name !== 'string' ? [] : [[name, number]]
  })
  return new Map(all)
}

/** The name of a series: `{{pod}}` stands for its label. */
function legendOf(legend: string, labels: Labelled['labels']): string {
  const text = legend.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? '')
  return text.trim().slice(0, 200) || 'value'
}

function seriesOf(answer: unknown) {
  const { result } = recordOf(recordOf(answer).data)
  return (Array.isArray(result) ? result : []).map((each) => {
    const { metric, values, value } = recordOf(each)
    return { metric: recordOf(metric), values, value }
  })
}

/** A time, and a value; null for one that is no number, such as `NaN` and `+Inf`. */
function pointOf(point: unknown): readonly [number, number | null] {
  const [time, text] = Array.isArray(point) ? point : []
  const value = typeof text === 'string' && text !== '' ? Number(text) : Number.NaN
  return [Number(time), Number.isFinite(value) ? value : null]
}
