/** The uids that presets/grafana provisions its datasources under. */
const datasources = {
  prometheus: { type: 'prometheus', uid: 'prometheus' },
  loki: { type: 'loki', uid: 'loki' },
  jaeger: { type: 'jaeger', uid: 'jaeger' },
} as const

/** Units as Grafana names them. */
type Unit = 'short' | 'percentunit' | 'ms' | 's' | 'bytes' | 'Bps' | 'reqps' | 'ops' | 'none'

/** One line of a panel. */
export interface Query {
  readonly expr: string
  /** How the line is named: `{{node}}`. */
  readonly legend: string
  /** Show the traces that Prometheus keeps beside the values. */
  readonly exemplars?: boolean
}

/** A panel before it has its place. */
export interface Panel {
  readonly title: string
  readonly description?: string
  readonly type: 'timeseries' | 'stat' | 'logs' | 'table'
  readonly unit?: Unit
  /** Of 24 columns. */
  readonly width: number
  readonly datasource: (typeof datasources)[keyof typeof datasources]
  readonly targets: readonly object[]
}

interface Options {
  readonly unit: Unit
  readonly width?: number
  readonly description?: string
}

/** Lines over time from Prometheus, a third of the width unless another is given. */
export function lines(title: string, queries: readonly Query[], options: Options): Panel {
  return prometheusPanel('timeseries', title, queries, { width: 8, ...options })
}

/** One figure of now from Prometheus, a sixth of the width unless another is given. */
export function figure(title: string, expr: string, options: Options): Panel {
  return prometheusPanel('stat', title, [{ expr, legend: title }], { width: 4, ...options })
}

/** Log lines from Loki. */
export function logLines(title: string, expr: string): Panel {
  const targets = [{ expr, queryType: 'range', refId: 'A' }]
  return { title, type: 'logs', width: 24, datasource: datasources.loki, targets }
}

/** The newest traces of a service from Jaeger, each a link to its spans. */
export function traces(title: string, service: string): Panel {
  const targets = [{ queryType: 'search', service, limit: 20, refId: 'A' }]
  return { title, type: 'table', width: 24, datasource: datasources.jaeger, targets }
}

function prometheusPanel(
  type: 'timeseries' | 'stat',
  title: string,
  queries: readonly Query[],
  { unit, width, description }: Options & { readonly width: number },
): Panel {
  return {
    title,
    type,
    unit,
    width,
    ...(description === undefined ? {} : { description }),
    datasource: datasources.prometheus,
    targets: queries.map(({ expr, legend, exemplars = false }, i) => ({
      expr,
      legendFormat: legend,
      exemplar: exemplars,
      instant: type === 'stat',
      range: type !== 'stat',
      refId: String.fromCharCode(65 + i),
    })),
  }
}
