import * as z from 'zod'

/**
 * The shapes that Grafana documents for files of dashboards, datasources and dashboard providers, as strictly as devk writes
 * them: what is not named here would be ignored by Grafana without a word.
 */
const datasource = z.strictObject({
  type: z.enum(['prometheus', 'victoriametrics-logs-datasource', 'jaeger']),
  uid: z.enum(['prometheus', 'victoria-logs', 'jaeger']),
})
const grid = z.strictObject({
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  w: z.int().min(1).max(24),
  h: z.int().min(1),
})
const refId = z.string().regex(/^[A-Z]$/)
const prometheusTarget = z.strictObject({
  datasource: datasource.extend({ type: z.literal('prometheus') }),
  refId,
  expr: z.string().min(1),
  legendFormat: z.string().min(1),
  exemplar: z.boolean(),
  instant: z.boolean(),
  range: z.boolean(),
})
/** A query of the plugin victoriametrics-logs-datasource: the documented fields of its query model. */
const logsTarget = z.strictObject({
  datasource: datasource.extend({ type: z.literal('victoriametrics-logs-datasource') }),
  refId,
  expr: z.string().min(1),
  editorMode: z.literal('code'),
  queryType: z.enum(['instant', 'stats', 'statsRange', 'hits']),
})
const jaegerTarget = z.strictObject({
  datasource: datasource.extend({ type: z.literal('jaeger') }),
  refId,
  queryType: z.literal('search'),
  service: z.string().min(1),
  limit: z.int().min(1),
})
const row = z.strictObject({
  id: z.int().min(1),
  type: z.literal('row'),
  title: z.string().min(1),
  collapsed: z.literal(false),
  panels: z.tuple([]),
  gridPos: grid.extend({ x: z.literal(0), w: z.literal(24), h: z.literal(1) }),
})
const panel = z.strictObject({
  id: z.int().min(1),
  type: z.enum(['timeseries', 'stat', 'logs', 'table']),
  title: z.string().min(1),
  description: z.string().min(1).optional(),
  datasource,
  gridPos: grid,
  targets: z.array(z.union([prometheusTarget, logsTarget, jaegerTarget])).min(1),
  fieldConfig: z.strictObject({
    defaults: z.strictObject({
      unit: z.enum(['short', 'percentunit', 'ms', 's', 'bytes', 'Bps', 'reqps', 'none']).optional(),
      min: z.number().optional(),
      custom: z
        .strictObject({
          drawStyle: z.enum(['line', 'bars', 'points']),
          lineWidth: z.int().min(0).max(10),
          fillOpacity: z.int().min(0).max(100),
          showPoints: z.enum(['auto', 'never', 'always']),
        })
        .optional(),
    }),
    overrides: z.tuple([]),
  }),
  options: z.record(z.string(), z.unknown()),
})

export const dashboardSchema = z.strictObject({
  uid: z.string().regex(/^[a-zA-Z0-9_-]{1,40}$/),
  title: z.string().min(1),
  tags: z.array(z.string()),
  timezone: z.enum(['browser', 'utc']),
  schemaVersion: z.int().min(36).max(42),
  version: z.int(),
  editable: z.boolean(),
  graphTooltip: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  refresh: z.string().regex(/^\d+[smh]$/),
  time: z.strictObject({ from: z.string(), to: z.literal('now') }),
  timepicker: z.strictObject({}),
  templating: z.strictObject({ list: z.tuple([]) }),
  annotations: z.strictObject({ list: z.tuple([]) }),
  links: z.array(
    z.strictObject({
      type: z.enum(['dashboards', 'link']),
      title: z.string(),
      tags: z.array(z.string()),
      asDropdown: z.boolean(),
      keepTime: z.boolean(),
      includeVars: z.boolean(),
    }),
  ),
  panels: z.array(z.union([row, panel])).min(1),
})

export type DashboardFile = z.output<typeof dashboardSchema>
export type PanelFile = z.output<typeof panel>

const tag = z.strictObject({ key: z.string(), value: z.string() })
const shift = z.string().regex(/^-?\d+[smh]$/)
const common = {
  name: z.string(),
  access: z.literal('proxy'),
  url: z.url({ protocol: /^http$/ }),
  isDefault: z.boolean().optional(),
  editable: z.literal(false),
}
const dollars = z.string().regex(/^([^$]|\$\$)*$/, 'a dollar sign must be written twice')

export const datasourcesSchema = z.strictObject({
  apiVersion: z.literal(1),
  datasources: z.array(
    z.discriminatedUnion('type', [
      z.strictObject({
        ...common,
        uid: z.literal('prometheus'),
        type: z.literal('prometheus'),
        jsonData: z.strictObject({
          httpMethod: z.enum(['POST', 'GET']),
          timeInterval: z.string().regex(/^\d+s$/),
          prometheusType: z.literal('Prometheus'),
          exemplarTraceIdDestinations: z.array(
            z.strictObject({ name: z.string(), datasourceUid: z.literal('jaeger') }),
          ),
        }),
      }),
      z.strictObject({
        ...common,
        uid: z.literal('alertmanager'),
        type: z.literal('alertmanager'),
        jsonData: z.strictObject({
          implementation: z.enum(['prometheus', 'mimir', 'cortex']),
          handleGrafanaManagedAlerts: z.boolean(),
        }),
      }),
      z.strictObject({
        ...common,
        uid: z.literal('jaeger'),
        type: z.literal('jaeger'),
        jsonData: z.strictObject({
          nodeGraph: z.strictObject({ enabled: z.boolean() }),
          traceIdTimeParams: z.strictObject({ enabled: z.boolean() }),
          tracesToLogsV2: z.strictObject({
            datasourceUid: z.literal('victoria-logs'),
            spanStartTimeShift: shift,
            spanEndTimeShift: shift,
            filterByTraceID: z.boolean(),
            filterBySpanID: z.boolean(),
            tags: z.array(tag),
          }),
          tracesToMetrics: z.strictObject({
            datasourceUid: z.literal('prometheus'),
            spanStartTimeShift: shift,
            spanEndTimeShift: shift,
            tags: z.array(tag),
            queries: z.array(z.strictObject({ name: z.string(), query: dollars })),
          }),
        }),
      }),
      z.strictObject({
        ...common,
        uid: z.literal('victoria-logs'),
        type: z.literal('victoriametrics-logs-datasource'),
        jsonData: z.strictObject({
          maxLines: z.string().regex(/^[1-9]\d*$/),
          derivedFields: z.array(
            z.strictObject({
              name: z.string(),
              matcherType: z.enum(['label', 'regex']),
              matcherRegex: z.string(),
              datasourceUid: z.literal('jaeger'),
              url: dollars,
              urlDisplayLabel: z.string(),
            }),
          ),
        }),
      }),
    ]),
  ),
})

export const providersSchema = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.array(
    z.strictObject({
      name: z.string(),
      orgId: z.literal(1),
      folder: z.string(),
      type: z.literal('file'),
      disableDeletion: z.boolean(),
      allowUiUpdates: z.boolean(),
      updateIntervalSeconds: z.int().min(10),
      options: z.strictObject({ path: z.string().startsWith('/') }),
    }),
  ),
})
