import type { Unit } from '../presets/dashboards/panel.ts'
import { literal } from '../presets/monitors/select.ts'
import type { Metric } from './metric-families.ts'

/**
 * Queries in PromQL. Names and values come from programs in containers and from addresses of the page, and may hold any
 * text: each stands in a query as a string, from which nothing gets out. Everything here is pure.
 */

/** What is shown of a metric. */
export interface Shown {
  /** The name of the service; empty: all. */
  readonly service: string
  /** The label whose values have a line each; empty: each series has one. */
  readonly by: string
  /** How far a rate looks back, seconds. */
  readonly interval: number
}

/** A chart of a metric: the lines of one query, or of several, each of which then has a name. */
export interface MetricPanel {
  readonly title: string
  readonly unit: Unit
  readonly queries: readonly { readonly name: string; readonly expr: string }[]
}

/** The labels that name a service: that of what Prometheus scrapes, and that of what programs send. */
export const serviceLabels = ['service', 'service_name'] as const

/** A text as a string of PromQL, which has the escapes of Go. Those of JSON are among them. */
export function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed())
}

/**
 * Selectors of the series of a service with any of these names (none: with every name), one for each label that can
 * name the service.
 */
export function selectorsOf(names: readonly string[], service: string): string[] {
  const [first, ...more] = names
  const ofName =
    first === undefined
      ? '__name__!=""'
      : more.length === 0
        ? `__name__=${quoted(first)}`
        : `__name__=~${quoted(names.map(literal).join('|'))}`
  return service === '' ? [`{${ofName}}`] : serviceLabels.map((label) => `{${ofName},${label}=${quoted(service)}}`)
}

/**
 * The charts of a metric: a counter is its rate per second, a gauge is as it is, a histogram is its quantiles and the
 * rate of its observations, and a summary is its mean, its own quantiles and that rate.
 */
export function panelsOf({ name, type, unit }: Metric, shown: Shown): MetricPanel[] {
  const by = shown.by === '' ? undefined : labelText(shown.by)
  const sum = (expr: string) => (by === undefined ? expr : `sum by (${by}) (${expr})`)
  const one = (expr: string) => [{ name: '', expr }]
  const selected = (series: string) => selectorsOf([series], shown.service)
  const raw = (series: string) => selected(series).join(' or ')
  const rate = (series: string) =>
    selected(series)
      .map((each) => `rate(${each}[${shown.interval}s])`)
      .join(' or ')
  const observed: MetricPanel = { title: 'Observations', unit: 'ops', queries: one(sum(rate(`${name}_count`))) }
  switch (type) {
    case 'counter':
      return [{ title: 'Rate', unit: rateUnit(unit), queries: one(sum(rate(name))) }]
    case 'gauge':
      return [{ title: by === undefined ? 'Value' : 'Sum', unit, queries: one(sum(raw(name))) }]
    case 'histogram': {
      const buckets = `sum by (${['le', ...(by === undefined ? [] : [by])].join(', ')}) (${rate(`${name}_bucket`)})`
      const quantile = (percent: number) => ({
        name: `p${percent}`,
        expr: `histogram_quantile(${percent / 100}, ${buckets})`,
      })
      return [{ title: 'Quantiles', unit, queries: [50, 95, 99].map(quantile) }, observed]
    }
    case 'summary': {
      const total = (series: string) => `sum by (${by ?? ''}) (${rate(series)})`
      const mean = `${total(`${name}_sum`)} / (${total(`${name}_count`)} > 0)`
      return [
        { title: 'Mean', unit, queries: one(mean) },
        { title: 'Quantiles', unit, queries: one(raw(name)) },
        observed,
      ]
    }
  }
}

/** Seconds in a second, such as those of a processor, are a number. */
function rateUnit(unit: Unit): Unit {
  if (unit === 'bytes') return 'Bps'
  return unit === 's' ? 'short' : 'ops'
}

/** The name of a label where a query groups. */
function labelText(label: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) ? label : quoted(label)
}
