import { DevkError } from '../errors.ts'
import { recordOf } from '../lib/record.ts'
import { messageOf } from '../lib/text.ts'
import { type Ask, type AskedStack, askerOf } from './ask.ts'
import type { Asked, DrawnPanel } from './dashboards.ts'
import { drawnLines } from './line-names.ts'
import { describedNames, type Metric, metricsOf, seriesNames } from './metric-families.ts'
import { intervalOf, labelledIn, prometheus, type Range, rangeOf, rangePath, textsIn, timesOf } from './prometheus.ts'
import { type MetricPanel, panelsOf, selectorsOf, serviceLabels } from './promql.ts'

/** The metrics that Prometheus has. */
export interface MetricList {
  /** What has metrics, sorted: services, and other programs. */
  readonly services: readonly string[]
  /** Sorted by name. */
  readonly metrics: readonly Metric[]
  /** Metrics that are left out. */
  readonly more: number
}

/** A metric with its values. */
export interface DrawnMetric {
  readonly metric: Metric
  /** The labels that its lines can be grouped by. */
  readonly labels: readonly string[]
  /** In seconds. Each line has a value for each of them. */
  readonly times: readonly number[]
  readonly panels: readonly (DrawnPanel & { readonly queries: readonly string[] })[]
}

/** A question about a metric. */
export interface MetricQuestion {
  /** Empty: all. */
  readonly service: string
  readonly name: string
  /** The label whose values have a line each; empty: each series has one. */
  readonly by: string
  readonly minutes: number
}

/** What is read at most. A series over a day has about 3 KB. */
const most = { services: 500, names: 10_000, metrics: 2000, labels: 100, series: 1000, lines: 20 }

/** Asks for the metrics of a service (empty: of all). Throws what `askerOf` throws. */
export async function readMetrics(open: AskedStack, service: string, { signal }: Asked): Promise<MetricList> {
  const ask = await askerOf(open, prometheus, signal)
  // The Services that kube-state-metrics knows have no metrics of their own.
  const named = (label: string) => valuesPath(label, [`{${label}!="",job!="kube-state-metrics"}`], most.services)
  const [names, metadata, ...services] = await Promise.all([
    ask(valuesPath('__name__', selectorsOf([], service), most.names)),
    ask(`/api/v1/metadata?limit_per_metric=1&limit=${most.names}`),
    ...serviceLabels.map((label) => ask(named(label))),
  ])
  const metrics = metricsOf(textsIn(names), metadata)
  return {
    services: [...new Set(services.flatMap(textsIn))].sort().slice(0, most.services),
    metrics: metrics.slice(0, most.metrics),
    more: Math.max(0, metrics.length - most.metrics),
  }
}

/**
 * Asks for the values of a metric in the last minutes; undefined if there is none of this name. A query that fails is a
 * problem of its panel. Throws what `askerOf` throws.
 */
export async function readMetric(
  open: AskedStack,
  { service, name, by, minutes }: MetricQuestion,
  { now, signal }: Asked,
): Promise<DrawnMetric | undefined> {
  const ask = await askerOf(open, prometheus, signal)
  const range = rangeOf(minutes, now)
  const selectors = selectorsOf(seriesNames(name), service)
  const about = (each: string) =>
    ask(`/api/v1/metadata?${new URLSearchParams({ metric: each, limit_per_metric: '1' })}`)
  const [names, labels, ...said] = await Promise.all([
    ask(valuesPath('__name__', selectors, most.names)),
    ask(`/api/v1/labels?${matching(selectors, most.labels)}`),
    ...describedNames(name).map(about),
  ])
  const metadata = { data: Object.fromEntries(said.flatMap((each) => Object.entries(recordOf(recordOf(each).data)))) }
  const metric = metricsOf(textsIn(names), metadata).find((each) => each.name === name)
  if (metric === undefined) return undefined
  const panels = panelsOf(metric, { service, by, interval: intervalOf(range.step) })
  return {
    metric,
    labels: textsIn(labels).filter((label) => !['__name__', 'le', 'quantile'].includes(label)),
    times: timesOf(range),
    panels: await Promise.all(panels.map((panel) => drawnPanel(ask, panel, range, by))),
  }
}

async function drawnPanel(ask: Ask, { title, unit, queries }: MetricPanel, range: Range, by: string) {
  const about = { title, kind: 'lines', unit, queries: queries.map(({ expr }) => expr) } as const
  const none = { description: null, lines: [], more: 0 }
  try {
    const answers = await Promise.all(queries.map(({ expr }) => ask(rangePath(expr, range, most.series))))
    const all = answers.map((answer) => labelledIn(answer, range))
    const cut = all.some(({ length }) => length >= most.series)
    const description = cut ? `Prometheus gave only the first ${most.series} series.` : null
    const named = all.flatMap((series, index) =>
      series.map((each) => ({ ...each, prefix: queries[index]?.name ?? '' })),
    )
    return { ...about, ...drawnLines(named, by, most.lines), description, problem: null }
  } catch (error) {
    if (!(error instanceof DevkError)) throw error
    return { ...about, ...none, problem: messageOf(error) }
  }
}

function valuesPath(label: string, selectors: readonly string[], limit: number): string {
  return `/api/v1/label/${label}/values?${matching(selectors, limit)}`
}

function matching(selectors: readonly string[], limit: number): URLSearchParams {
  const matches = selectors.map((each): [string, string] => ['match[]', each])
  return new URLSearchParams([...matches, ['limit', `${limit}`]])
}
