import type { UiSample } from '../src/commands/ui/api.ts'
import { cpuText, memoryText, type Part, type Usage } from './model.ts'

/** What the view of the metrics shows. Everything here is pure. */

/** What is measured. */
export type Measure = 'cpu' | 'memory'

/** A value at a time (milliseconds). */
export interface Point {
  readonly at: number
  readonly value: number
}

/** How far back the view shows, milliseconds. */
export const spanMs = 15 * 60_000
/** A longer time without a sample is a gap, milliseconds. */
const gapMs = 60_000
/** A mark is drawn if it is not more than this many times as high as the curve: or else the curve would be flat. */
const farthest = 4

/** The samples with `more`, oldest first, without those that are too old. */
export function recent(samples: readonly UiSample[], more: readonly UiSample[]): UiSample[] {
  const all = [...new Map([...samples, ...more].map((sample) => [sample.time, sample])).values()]
  const newest = Math.max(...all.map(({ time }) => Date.parse(time)))
  return all
    .filter(({ time }) => newest - Date.parse(time) <= spanMs)
    .sort((a, b) => Date.parse(a.time) - Date.parse(b.time))
}

/** The values of all parts, by `kind/name`. */
export function seriesOf(samples: readonly UiSample[], measure: Measure): Map<string, Point[]> {
  const series = new Map<string, Point[]>()
  for (const { time, uses } of samples) {
    const at = Date.parse(time)
    for (const { kind, name, [measure]: value } of uses) {
      const key = `${kind}/${name}`
      const points = series.get(key)
      if (points === undefined) series.set(key, [{ at, value }])
      else points.push({ at, value })
    }
  }
  return series
}

/** A curve in a box. */
export interface Chart {
  /** The attribute `d` of an SVG path. */
  readonly line: string
  /** The heights of the marks that are drawn. */
  readonly requested: number | null
  readonly limit: number | null
}

/** The box of a chart. */
export const box = { width: 300, height: 64 }

/** Draws the points of the last minutes before `now`, and marks for what is requested and the limit. */
export function chartOf(points: readonly Point[], usage: Usage, measure: Measure, now: number): Chart {
  const highest = Math.max(...points.map(({ value }) => value), 0)
  const near = (value: number | null) => value !== null && value > 0 && value <= highest * farthest
  const { [measure]: limit } = usage.limits
  const marks = { requested: usage.requested[measure], limit }
  const top = 1.1 * Math.max(highest, ...Object.values(marks).flatMap((each) => (near(each) ? [each ?? 0] : [])))
  const heightOf = (value: number) => rounded(top === 0 ? box.height : box.height * (1 - value / top))
  const line = points.map(({ at, value }, index) => {
    const before = points[index - 1]
    const place = `${rounded(box.width * (1 - (now - at) / spanMs))},${heightOf(value)}`
    // A curve of one point is a dot.
    return before === undefined || at - before.at > gapMs ? `M${place}h0` : `L${place}`
  })
  return {
    line: line.join(''),
    requested: near(marks.requested) ? heightOf(marks.requested) : null,
    limit: near(limit) ? heightOf(limit ?? 0) : null,
  }
}

const rounded = (value: number) => Math.round(value * 10) / 10

/** `100m requested, limit 500m`. */
export function besideText({ requested, limits }: Usage, measure: Measure): string {
  const text = measure === 'cpu' ? cpuText : memoryText
  const limit = limits[measure]
  const wanted = requested[measure] === 0 ? 'none requested' : `${text(requested[measure])} requested`
  return `${wanted}, ${limit === null ? 'no limit' : `limit ${text(limit)}`}`
}

/** The chart in words: `now 12m, between 9m and 40m, 100m requested, no limit`. */
export function chartText(points: readonly Point[], usage: Usage, measure: Measure): string {
  const text = measure === 'cpu' ? cpuText : memoryText
  const values = points.map(({ value }) => value)
  const last = values.at(-1)
  if (last === undefined) return `not measured yet, ${besideText(usage, measure)}`
  const range = `between ${text(Math.min(...values))} and ${text(Math.max(...values))}`
  return `now ${text(last)}, ${range}, ${besideText(usage, measure)}`
}

/** How much of its memory limit a part uses now, in hundredths; undefined without a limit. */
export function memoryShare({ usage }: Part): number | undefined {
  const limit = usage?.limits.memory
  return limit == null || usage?.used == null ? undefined : Math.round((100 * usage.used.memory) / limit)
}
