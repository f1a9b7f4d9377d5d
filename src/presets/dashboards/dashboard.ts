import type { Panel } from './panel.ts'

/** A group of panels below a title. */
export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

/** What a dashboard shows, for Grafana and for the page of `devk ui`. */
export interface DashboardModel {
  /** Grafana allows 40 characters. */
  readonly uid: string
  readonly title: string
  readonly rows: readonly Row[]
}

/** A dashboard in Grafana's JSON format. */
export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly [field: string]: unknown
}

const columns = 24
const heights: Readonly<Record<Panel['type'], number>> = { timeseries: 8, stat: 4, logs: 10, table: 10 }

/**
 * The file of a dashboard. The panels of a row go from left to right, and continue on the next line when it is full.
 * Pure.
 */
export function grafanaDashboard({ uid, title, rows }: DashboardModel): Dashboard {
  return {
    uid,
    title,
    tags: ['devk'],
    timezone: 'browser',
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-30m', to: 'now' },
    timepicker: {},
    templating: { list: [] },
    annotations: { list: [] },
    // A menu with all dashboards of devk.
    links: [
      { type: 'dashboards', title: 'devk', tags: ['devk'], asDropdown: true, keepTime: true, includeVars: false },
    ],
    panels: place(rows),
  }
}

function place(rows: readonly Row[]): object[] {
  const placed: object[] = []
  let y = 0
  for (const { title, panels } of rows) {
    placed.push({
      id: placed.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: columns, h: 1 },
    })
    y += 1
    let x = 0
    let tallest = 0
    for (const panel of panels) {
      if (x + panel.width > columns) {
        x = 0
        y += tallest
        tallest = 0
      }
      const h = heights[panel.type]
      placed.push({ id: placed.length + 1, ...panelJson(panel), gridPos: { x, y, w: panel.width, h } })
      x += panel.width
      tallest = Math.max(tallest, h)
    }
    y += tallest
  }
  return placed
}

function panelJson({ title, description, type, unit, datasource, targets }: Panel): object {
  return {
    type,
    title,
    ...(description === undefined ? {} : { description }),
    datasource,
    targets: targets.map((target) => ({ datasource, ...target })),
    fieldConfig: { defaults: { ...(unit === undefined ? {} : { unit }), ...fieldDefaults[type] }, overrides: [] },
    options: options[type],
  }
}

const fieldDefaults: Readonly<Record<Panel['type'], object>> = {
  timeseries: { min: 0, custom: { drawStyle: 'line', lineWidth: 1, fillOpacity: 10, showPoints: 'never' } },
  stat: {},
  logs: {},
  table: {},
}

const options: Readonly<Record<Panel['type'], object>> = {
  timeseries: {
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  stat: { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, graphMode: 'none', colorMode: 'value' },
  logs: { showTime: true, wrapLogMessage: true, enableLogDetails: true, sortOrder: 'Descending' },
  table: { showHeader: true },
}
