import type { DrawnPanel, ServiceRate } from '../src/commands/ui/api.ts'

/** What the view of the dashboards shows. Everything here is pure. */

/** A unit, by Grafana's name. */
export type Unit = DrawnPanel['unit']
type Line = DrawnPanel['lines'][number]

/** Spans of time that a dashboard can show, in minutes. */
export const spans = [
  { minutes: 15, title: '15 minutes' },
  { minutes: 30, title: '30 minutes' },
  { minutes: 60, title: '1 hour' },
  { minutes: 360, title: '6 hours' },
  { minutes: 1440, title: '24 hours' },
] as const

/** At most three digits that count: `0.12`, `3.4`, `120`, `1,204`. */
function short(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-GB', { maximumFractionDigits: digits })
}

/** The first step that is larger than the value, or the last one. */
function scaled(value: number, base: number, names: readonly string[]): string {
  const steps = Math.floor(Math.log(Math.max(1, Math.abs(value))) / Math.log(base))
  const power = Math.min(names.length - 1, steps)
  return `${short(value / base ** power)} ${names[power] ?? ''}`.trim()
}

/** A value with its unit: `12 ms`, `3.4 %`, `128 MiB`, `2.5/s`. */
export function unitText(value: number, unit: Unit): string {
  switch (unit) {
    case 'percentunit':
      return `${short(value * 100)} %`
    case 'bytes':
      return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'])
    case 'Bps':
      return `${scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'])}/s`
    case 's':
      return value !== 0 && Math.abs(value) < 1 ? `${short(value * 1000)} ms` : `${short(value)} s`
    case 'ms':
      return Math.abs(value) >= 1000 ? `${short(value / 1000)} s` : `${short(value)} ms`
    case 'reqps':
    case 'ops':
      return `${short(value)}/s`
    case 'short':
      return scaled(value, 1000, ['', 'k', 'M', 'G'])
    case 'none':
      return short(value)
  }
}

/** The last value of a line; null if it has none. */
export function lastOf({ values }: Pick<Line, 'values'>): number | null {
  return values.findLast((value) => value !== null) ?? null
}

/** A line in the legend: its value at a time, or the last one. */
export function valueText(line: Line, unit: Unit, index: number | null): string {
  const value = index === null ? lastOf(line) : (line.values[index] ?? null)
  return value === null ? '–' : unitText(value, unit)
}

/** What a chart shows from bottom to top: zero and, with some room, its lowest and highest value. */
export function heightsOf(least: number | null, most: number | null): [number, number] {
  const bottom = Math.min(0, (least ?? 0) * 1.1)
  return [bottom, (most ?? 0) > 0 ? (most ?? 0) * 1.1 : bottom < 0 ? 0 : 1]
}

/** A panel in words, for those who do not see its chart. */
export function panelText({ title, lines, unit, more }: DrawnPanel): string {
  if (lines.length === 0) return `${title}: no values`
  const shown = lines.map((line) => `${line.name} ${valueText(line, unit, null)}`)
  return `${title}: ${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`
}

/** The requests to a service in a few words: `2.5/s · 1.2 % errors`. */
export function rateText({ rate, errors }: ServiceRate): string {
  const failed = errors !== null && errors > 0 ? ` · ${unitText(errors, 'percentunit')} errors` : ''
  return `${unitText(rate, 'reqps')}${failed}`
}

/** The same in a sentence. */
export function rateSentence({ rate, errors, p95 }: ServiceRate): string {
  const words = [
    `${unitText(rate, 'reqps')} requests`,
    ...(errors === null ? [] : [`${unitText(errors, 'percentunit')} of them fail`]),
    ...(p95 === null ? [] : [`95 % take at most ${unitText(p95, 'ms')}`]),
  ]
  return words.join(', ')
}
