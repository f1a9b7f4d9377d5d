/** Data sources with the UIDs that presets/grafana provisions. */
const datasources = {
  prometheus: { type: 'prometheus', uid: 'prometheus' },
  logs: { type: 'victoriametrics-logs-datasource', uid: 'victoria-logs' },
  jaeger: { type: 'jaeger', uid: 'jaeger' },
} as const

/** Units, by Grafana's names. */
export type Unit = 'short' | 'percentunit' | 'ms' | 's' | 'bytes' | 'Bps' | 'reqps' | 'ops' | 'none'

/** The query of one line of a panel. */
export interface Query {
  readonly expr: string
  /** The name of the line; {{node}} stands for the label `node`. */
  readonly legend: string
  /** Whether to show exemplars, which link values to traces. */
  readonly exemplars?: boolean
}

/** A panel without its position. */
export interface Panel {
  readonly title: string
  readonly description?: string
  readonly type: 'timeseries' | 'stat' | 'logs' | 'table'
  readonly unit?: Unit
  /** In columns of 24. */
  readonly width: number
  readonly datasource: (typeof datasources)[keyof typeof datasources]
  readonly targets: readonly PanelTarget[]
}

/** A query of a panel, with the fields that Grafana reads. */
export interface PanelTarget {
  readonly expr?: string
  readonly legendFormat?: string
  readonly [field: string]: unknown
}

interface Options {
  readonly unit: Unit
  readonly width?: number
  readonly description?: string
}

/** A panel with lines over time from Prometheus. Default width: 8 columns. Pure. */
export function lines(title: string, queries: readonly Query[], options: Options): Panel {
  return prometheusPanel('timeseries', title, queries, { width: 8, ...options })
}

/** A panel with one current number from Prometheus. Default width: 4 columns. Pure. */
export function figure(title: string, expr: string, options: Options): Panel {
  return prometheusPanel('stat', title, [{ expr, legend: title }], { width: 4, ...options })
}

/** A panel with log lines that a LogsQL query finds in VictoriaLogs. Pure. */
export function logLines(title: string, expr: string): Panel {
  const targets = [{ expr, editorMode: 'code', queryType: 'instant', refId: 'A' }]
  return { title, type: 'logs', width: 24, datasource: datasources.logs, targets }
}

/** A panel with the latest traces of a service from Jaeger. Pure. */
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
