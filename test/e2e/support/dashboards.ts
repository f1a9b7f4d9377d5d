import { projectDashboards } from '../../../src/presets/dashboards/config-maps.ts'
import { dashboardSchema, type PanelFile } from '../../support/grafana-schema.ts'
import { eventually } from './eventually.ts'
import type { Monitoring } from './monitoring.ts'

/** The dashboards that devk generates for the Todo example with prometheus and these presets, each with its file name. */
export function todoDashboards(project: string, presets: readonly string[]): [string, unknown][] {
  return Object.entries(
    projectDashboards({
      project,
      services: ['backend', 'frontend'],
      presets: new Set(['prometheus', ...presets]),
      namespace: 'monitoring',
    }),
  )
}

/**
 * Sends requests to a URL until each query of each panel of a dashboard finds data.
 * Throws after three minutes, with the queries that find none.
 */
export async function expectDataInEveryPanel(dashboard: unknown, monitoring: Monitoring, url: string): Promise<void> {
  const panels = dashboardSchema.parse(dashboard).panels.filter((one): one is PanelFile => one.type !== 'row')
  const queries = panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, target })))
  if (queries.length === 0) throw new Error('a dashboard without a query')
  await eventually('data for each query', 180, async () => {
    await Promise.all(Array.from({ length: 5 }, () => fetch(url)))
    const counts = await Promise.all(queries.map(({ target }) => countResults(target, monitoring)))
    const empty = queries.filter((_, i) => counts[i] === 0)
    if (empty.length > 0)
      throw new Error(empty.map(({ title, target }) => `${title}: ${JSON.stringify(target)}`).join('\n'))
    return true
  })
}

/** The number of series, streams or traces that a query of a panel finds now. */
async function countResults(target: PanelFile['targets'][number], monitoring: Monitoring): Promise<number> {
  if (target.datasource.type === 'jaeger' && 'service' in target)
    return (await monitoring.traces(target.service)).length
  if (!('expr' in target)) return 0
  if (target.datasource.type === 'victoriametrics-logs-datasource') return (await monitoring.logs(target.expr)).length
  const series = await monitoring.query(target.expr.replaceAll('$__rate_interval', '2m'))
  return series.filter(({ value }) => value[1] !== 'NaN').length
}
