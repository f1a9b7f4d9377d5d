import { listOf, recordOf } from '../lib/record.ts'
import type { Unit } from '../presets/dashboards/panel.ts'

/** The metrics that programs have, from the names of series and what programs say of them. Everything here is pure. */

/** A metric. Its texts come from programs in containers: they are data, and may hold any text. */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  /** What its program says it is; null if that is not known, as for metrics that were sent with OpenTelemetry. */
  readonly help: string | null
  /** Of its values. */
  readonly unit: Unit
}

/** What a program says of a metric. */
interface Said {
  readonly type: string
  readonly help: string
  readonly unit: string
}

const longestHelp = 500

/**
 * The metrics whose series have these names, sorted by name. A histogram and a summary have several series, and are one
 * metric. `metadata` is the answer of Prometheus about all metrics: for one that it does not name the type comes from
 * the names, as OpenTelemetry and Prometheus give them.
 */
export function metricsOf(names: readonly string[], metadata: unknown): Metric[] {
  const said = saidIn(metadata)
  const all = new Set(names)
  const histograms = basesOf(names, '_bucket').filter((base) => !said.has(`${base}_bucket`))
  const summaries = basesOf(names, '_sum').filter(
    (base) => all.has(`${base}_count`) && !all.has(`${base}_bucket`) && !said.has(`${base}_sum`),
  )
  const counters = basesOf(names, '_total').filter((base) => !said.has(`${base}_created`))
  const parts = new Set([
    ...histograms.flatMap((base) => ['_bucket', '_sum', '_count', '_created'].map((end) => base + end)),
    ...summaries.flatMap((base) => ['', '_sum', '_count', '_created'].map((end) => base + end)),
    ...counters.map((base) => `${base}_created`),
  ])
  const metric = (name: string, type: Metric['type']): Metric => {
    const about = said.get(name) ?? said.get(withoutTotal(name))
    return { name, type, help: about?.help || null, unit: unitOf(name, about?.unit ?? '') }
  }
  const found = [
    ...histograms.map((base) => metric(base, 'histogram')),
    ...summaries.map((base) => metric(base, 'summary')),
    ...[...all].filter((name) => !parts.has(name)).map((name) => metric(name, typeOf(name, said))),
  ]
  // A histogram may have the name of another metric.
  const unique = [...new Map([...found].reverse().map((each) => [each.name, each])).values()]
  return unique.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The names of the series that a metric with this name can have. */
export function seriesNames(metric: string): string[] {
  return ['', '_bucket', '_sum', '_count'].map((end) => metric + end)
}

/** The names under which a program may describe a metric: OpenMetrics leaves out `_total`. */
export function describedNames(metric: string): string[] {
  return [...new Set([metric, withoutTotal(metric)])]
}

/** Those with all words of a text in their name or description, in lower or upper case. */
export function matching(metrics: readonly Metric[], search: string): Metric[] {
  const words = search.toLowerCase().split(/\s+/)
  return metrics.filter(({ name, help }) => {
    const text = `${name} ${help ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

const withoutTotal = (name: string) => name.replace(/_total$/, '')

function basesOf(names: readonly string[], end: string): string[] {
  return [...new Set(names)].flatMap((name) => {
    const base = name.slice(0, -end.length)
    return base !== '' && name.endsWith(end) ? [base] : []
  })
}

function typeOf(name: string, said: ReadonlyMap<string, Said>): 'counter' | 'gauge' {
  const type = (said.get(name) ?? said.get(withoutTotal(name)))?.type ?? 'unknown'
  return type === 'counter' || (type === 'unknown' && name.endsWith('_total')) ? 'counter' : 'gauge'
}

function unitOf(name: string, said: string): Unit {
  const word = said || withoutTotal(name).split('_').at(-1)
  const units: Readonly<Record<string, Unit>> = {
    seconds: 's',
    milliseconds: 'ms',
    bytes: 'bytes',
    ratio: 'percentunit',
  }
  return (Object.hasOwn(units, word ?? '') ? units[word ?? ''] : undefined) ?? 'short'
}

function saidIn(metadata: unknown): Map<string, Said> {
  const all = Object.entries(recordOf(recordOf(metadata).data)).flatMap(([name, each]): [string, Said][] => {
    const [first] = listOf(each)
    if (first === undefined) return []
    const { type, help, unit } = recordOf(first)
    const text = (value: unknown) => (typeof value === 'string' ? value.trim() : '')
    return [[name, { type: text(type) || 'unknown', help: text(help).slice(0, longestHelp), unit: text(unit) }]]
  })
  return new Map(all)
}
