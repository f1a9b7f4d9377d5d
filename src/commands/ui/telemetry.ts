import { DevkError } from '../../errors.ts'
import type { OpenProject } from '../../project/open.ts'
import { type Asked, type Deployed, dashboardsOf, readDashboard, readRates } from '../../telemetry/dashboards.ts'
import { type MetricQuestion, readMetric, readMetrics } from '../../telemetry/explore.ts'
import { lacking } from '../../telemetry/lacking.ts'
import { readTrace, readTraces, type TracesQuery } from '../../telemetry/traces.ts'
import type { UiDashboard, UiDashboards, UiMetric, UiMetricList, UiRates, UiRefusal, UiTrace, UiTraces } from './api.ts'
import type { Observed } from './observe.ts'

/** What the presets jaeger and prometheus know about a stack. */
export interface Telemetry {
  traces(query: TracesQuery): Promise<UiTraces>
  trace(id: string): Promise<UiTrace>
  dashboards(): UiDashboards
  /** The values of the last minutes. */
  dashboard(uid: string, minutes: number): Promise<UiDashboard>
  rates(): Promise<UiRates>
  /** The metrics of a service; empty: of all. */
  metrics(service: string): Promise<UiMetricList>
  metric(question: MetricQuestion): Promise<UiMetric>
}

/** How long an answer is given again, milliseconds: several pages, or one that asks often, are no load. */
const freshMs = 4000

/** The state that is observed, and the connection to its cluster. */
export type Known = Pick<Observed, 'state' | 'project'>

/** Reads from the presets of whichever cluster the state is of, until the signal. `now` is wall clock, ms. */
export function telemetry({ state, project }: Known, now: () => number, signal: AbortSignal): Telemetry {
  const answers = new Map<string, { readonly at: number; readonly value: Promise<unknown> }>()
  const fresh = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    for (const [old, { at }] of answers) if (now() - at >= freshMs) answers.delete(old)
    const known = answers.get(key)
    if (known !== undefined) return known.value as Promise<T>
    const value = read()
    answers.set(key, { at: now(), value })
    return value
  }
  /** What is deployed now: the connection may be older. */
  const deployed = (): Deployed => {
    const { project: name, recorded } = state.get()
    const services = recorded.services.map((service) => service.name)
    return { project: name, services, presets: new Set(recorded.presets.map((preset) => preset.name)) }
  }
  /** What a preset tells, or why it does not. */
  const from = async <T extends object>(
    preset: keyof typeof lacking,
    read: (open: OpenProject, asked: Asked) => Promise<T | UiRefusal>,
  ): Promise<({ readonly ok: true } & T) | UiRefusal> => {
    if (!deployed().presets.has(preset)) return missing(preset)
    const open = project.get()
    if (open === undefined) return refusal('The cluster is away.')
    try {
      return { ok: true, ...(await read(open, { now: now(), signal })) } as ({ readonly ok: true } & T) | UiRefusal
    } catch (error) {
      if (!(error instanceof DevkError)) throw error
      return refusal(`${error.message}.`, error.hint)
    }
  }
  return {
    traces: (query) =>
      fresh(`traces ${JSON.stringify(query)}`, () => from('jaeger', (open, asked) => readTraces(open, query, asked))),
    trace: (id) =>
      fresh(`trace ${id}`, () =>
        from('jaeger', async (open) => {
          const trace = await readTrace(open, id, signal)
          return trace === undefined ? refusal(gone(id)) : { trace }
        }),
      ),
    dashboards() {
      const known = deployed()
      if (!known.presets.has('prometheus')) return missing('prometheus')
      return { ok: true, dashboards: dashboardsOf(known).map(({ uid, title }) => ({ uid, title })) }
    },
    dashboard: (uid, minutes) =>
      fresh(`dashboard ${minutes} ${uid}`, () =>
        from('prometheus', async (open, asked) => {
          const model = dashboardsOf(deployed()).find((each) => each.uid === uid)
          if (model === undefined) return refusal('There is no such dashboard.')
          return { dashboard: await readDashboard(open, model, minutes, asked) }
        }),
      ),
    rates: () =>
      fresh('rates', () =>
        from('prometheus', async (open, asked) => ({ rates: await readRates(open, deployed(), asked.signal) })),
      ),
    metrics: (service) =>
      fresh(`metrics ${service}`, () => from('prometheus', (open, asked) => readMetrics(open, service, asked))),
    metric: (question) =>
      fresh(`metric ${JSON.stringify(question)}`, () =>
        from('prometheus', async (open, asked) => {
          const found = await readMetric(open, question, asked)
          return found ?? refusal('Prometheus has no metric of this name here.', 'It keeps metrics for a day.')
        }),
      ),
  }
}

const gone = (id: string) => `Jaeger has no trace ${id}. It keeps the newest 5,000, until it restarts.`

const missing = (preset: keyof typeof lacking) => refusal(`${lacking[preset].text}.`, lacking[preset].hint)

function refusal(text: string, hint: string | null = null): UiRefusal {
  return { ok: false, text, hint }
}
