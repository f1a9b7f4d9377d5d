import { DevkError } from '../errors.ts'
import { inParallel } from '../lib/parallel.ts'
import { messageOf } from '../lib/text.ts'
import { projectModels } from '../presets/dashboards/config-maps.ts'
import type { DashboardModel } from '../presets/dashboards/dashboard.ts'
import type { Panel, Unit } from '../presets/dashboards/panel.ts'
import { requestTotals } from '../presets/dashboards/requests.ts'
import { type Ask, type AskedStack, askerOf } from './ask.ts'
import {
  type Line,
  linesIn,
  prometheus,
  type Range,
  rangeOf,
  rangePath,
  timesOf,
  valuesIn,
  withInterval,
} from './prometheus.ts'

/** A dashboard with its values. */
export interface DrawnDashboard {
  readonly uid: string
  readonly title: string
  /** In seconds. Each line has a value for each of them. */
  readonly times: readonly number[]
  readonly rows: readonly { readonly title: string; readonly panels: readonly DrawnPanel[] }[]
}

/** A chart, or one figure: its last value. */
export interface DrawnPanel {
  readonly title: string
  readonly description: string | null
  readonly kind: 'lines' | 'figure'
  readonly unit: Unit
  readonly lines: readonly Line[]
  /** Lines that are left out. */
  readonly more: number
  /** Why it has no values. */
  readonly problem: string | null
}

/** The requests to a service now. */
export interface ServiceRate {
  readonly service: string
  /** Per second. */
  readonly rate: number
  /** The share of those that failed, from 0 to 1; null without requests. */
  readonly errors: number | null
  /** Milliseconds that 95 % of them do not exceed; null without requests. */
  readonly p95: number | null
}

/** What is deployed. */
export interface Deployed {
  readonly project: string
  readonly services: readonly string[]
  readonly presets: ReadonlySet<string>
}

/** When to read, and until when. */
export interface Asked {
  /** Wall clock, ms. */
  readonly now: number
  readonly signal: AbortSignal
}

const most = { lines: 30 }
/** How many rows are read at once; one has up to six panels. */
const atOnce = 2

/** The dashboards that devk generates for Grafana, of what is deployed. Pure. */
export function dashboardsOf(deployed: Deployed): DashboardModel[] {
  return projectModels(deployed).map(([, model]) => model)
}

/**
 * Asks Prometheus for what a dashboard shows of the last minutes. A query that fails is a problem of its panel. Throws
 * what `askerOf` throws.
 */
export async function readDashboard(
  open: AskedStack,
  model: DashboardModel,
  minutes: number,
  { now, signal }: Asked,
): Promise<DrawnDashboard> {
  const range = rangeOf(minutes, now)
  const ask = await askerOf(open, prometheus, signal)
  const rows = model.rows
    .map(({ title, panels }) => ({
      title,
      panels: panels.filter(({ datasource }) => datasource.type === 'prometheus'),
    }))
    .filter(({ panels }) => panels.length > 0)
  return {
    uid: model.uid,
    title: model.title,
    times: timesOf(range),
    rows: await inParallel(rows, atOnce, async ({ title, panels }) => ({
      title,
      panels: await Promise.all(panels.map((panel) => drawnPanel(ask, panel, range))),
    })),
  }
}

async function drawnPanel(ask: Ask, panel: Panel, range: Range): Promise<DrawnPanel> {
  const { title, description = null, type, unit = 'none', targets } = panel
  const read = async ({ expr = '', legendFormat = '' }: Panel['targets'][number]) => {
    return linesIn(await ask(rangePath(withInterval(expr, range.step), range)), legendFormat, range)
  }
  const about = { title, description, kind: type === 'stat' ? 'figure' : 'lines', unit } as const
  try {
    const lines = (await Promise.all(targets.map(read))).flat()
    return { ...about, lines: lines.slice(0, most.lines), more: Math.max(0, lines.length - most.lines), problem: null }
  } catch (error) {
    if (!(error instanceof DevkError)) throw error
    return { ...about, lines: [], more: 0, problem: messageOf(error) }
  }
}

/** The requests to each service now, for those that have any. Throws what `askerOf` throws. */
export async function readRates(
  open: AskedStack,
  { services, presets }: Deployed,
  signal: AbortSignal,
): Promise<ServiceRate[]> {
  const totals = requestTotals(presets)
  const ask = await askerOf(open, prometheus, signal)
  const read = async (expr: string) => {
    const query = new URLSearchParams({ query: withInterval(expr, 0) })
    return valuesIn(await ask(`/api/v1/query?${query}`), totals.of)
  }
  const [rates, errors, p95] = await Promise.all([read(totals.rate), read(totals.errors), read(totals.p95)])
  const inMs = totals.durationUnit === 's' ? 1000 : 1
  return services.flatMap((service) => {
    const rate = rates.get(service)
    if (rate === undefined) return []
    const slowest = p95.get(service)
    return [{ service, rate, errors: errors.get(service) ?? null, p95: slowest === undefined ? null : slowest * inMs }]
  })
}
