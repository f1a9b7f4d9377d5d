import { recordOf } from '../lib/record.ts'

/** What Prometheus answers, as devk shows it. Everything here is pure, and takes any JSON. */

/** A line of a chart. Labels come from programs in containers: they are data, and may hold any text. */
export interface Line {
  readonly name: string
  /** One for each time of the chart; null where there is no value. */
  readonly values: readonly (number | null)[]
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

/** All times of a range. */
export function timesOf({ start, end, step }: Range): number[] {
  return Array.from({ length: Math.round((end - start) / step) + 1 }, (_, index) => start + index * step)
}

/** Grafana's variable for `rate()`: four readings at least, and no gap between two points. */
export function withInterval(expr: string, step: number): string {
  const seconds = Math.max(4 * scrapeSeconds, step + scrapeSeconds)
  return expr.replaceAll('$__rate_interval', `${seconds}s`)
}

/** The series of an answer to a range query. `legend` is `{{pod}} in`, as Grafana takes it. */
export function linesIn(answer: unknown, legend: string, range: Range): Line[] {
  const count = timesOf(range).length
  return seriesOf(answer).map(({ metric, values }) => {
    const line: (number | null)[] = Array.from({ length: count }, () => null)
    for (const each of Array.isArray(values) ? values : []) {
      const [time, value] = pointOf(each)
      const index = Math.round((time - range.start) / range.step)
      if (index >= 0 && index < count) line[index] = value
    }
    return { name: legendOf(legend, metric), values: line }
  })
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
function legendOf(legend: string, metric: Readonly<Record<string, unknown>>): string {
  const text = legend.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => String(metric[label] ?? ''))
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
