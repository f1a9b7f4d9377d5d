import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectDashboards } from '../../../src/presets/dashboards/config-maps.ts'
import { dashboardSchema, type PanelFile } from '../../support/grafana-schema.ts'
import { repository } from './devk.ts'
import { eventually } from './eventually.ts'
import { type Example, exampleProject } from './example.ts'
import type { Monitoring } from './monitoring.ts'

export interface WatchedOptions {
  readonly project: string
  /** Ports of this machine: the front end's own, the ingress controller's, the back end's. */
  readonly port: number
  readonly webPort: number
  readonly backendPort: number
  /** Which presets: observability or full. */
  readonly profile: string
}

/** The Todo example with its platform, and a target, rules and a webhook of its own. Nothing is started. */
export async function watchedTodo(options: WatchedOptions): Promise<Example> {
  const { project, port, webPort, backendPort, profile } = options
  const todo = await exampleProject({
    name: 'todo',
    project,
    home: '.',
    parts: ['platform.config.ts', 'examples/todo'],
    changes: [
      ['ports: [30080]', `ports: ['${port}:30080', '${webPort}:80', '${webPort + 1}:443']`],
      ['http://localhost:30080', `http://localhost:${port}`],
      ["ports: ['8000']", `ports: ['${backendPort}:8000']`],
      ["profile: 'full'", `profile: '${profile}'`],
    ],
  })
  const watched = await readFile(join(repository, 'test/e2e/support/watched.yaml'), 'utf8')
  await todo.write('examples/todo/platform/watched.yaml', watched)
  return todo
}

/** The dashboards that devk makes beside these presets, by file name. */
export function dashboardsBeside(project: string, presets: readonly string[]): [string, unknown][] {
  return Object.entries(
    projectDashboards({
      project,
      services: ['backend', 'frontend'],
      presets: new Set(['prometheus', ...presets]),
      namespace: 'monitoring',
    }),
  )
}

/** Sends requests to a service until each query of each panel of a dashboard finds data; throws with those that find none. */
export async function everyPanelFindsData(dashboard: unknown, monitoring: Monitoring, url: string): Promise<void> {
  const panels = dashboardSchema.parse(dashboard).panels.filter((one): one is PanelFile => one.type !== 'row')
  const queries = panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, target })))
  if (queries.length === 0) throw new Error('a dashboard without a query')
  await eventually('data for each query', 180, async () => {
    await Promise.all(Array.from({ length: 5 }, () => fetch(url)))
    const counts = await Promise.all(queries.map(({ target }) => rows(target, monitoring)))
    const empty = queries.filter((_, i) => counts[i] === 0)
    if (empty.length > 0)
      throw new Error(empty.map(({ title, target }) => `${title}: ${JSON.stringify(target)}`).join('\n'))
    return true
  })
}

/** How many series, streams or traces a target of a panel finds now. */
async function rows(target: PanelFile['targets'][number], monitoring: Monitoring): Promise<number> {
  if (target.datasource.type === 'jaeger' && 'service' in target)
    return (await monitoring.traces(target.service)).length
  if (!('expr' in target)) return 0
  if (target.datasource.type === 'loki') return (await monitoring.logs(target.expr)).length
  const series = await monitoring.query(target.expr.replaceAll('$__rate_interval', '2m'))
  return series.filter(({ value }) => value[1] !== 'NaN').length
}
