import type { Metric, Trace, TraceSummary, UiDashboard, UiMetric, UiTraces } from '../../../src/commands/ui/api.ts'

/** The ID of the trace of a request. */
export const traceId = '0af7651916cd43dd8448eb211c80319c'

/** A trace of a request to the front end, which asks the back end, as the list has it. */
export function summary(more: Partial<TraceSummary> = {}): TraceSummary {
  return {
    id: traceId,
    start: '2026-11-29T12:00:00.000Z',
    ms: 40,
    service: 'frontend',
    name: 'GET /api/todos',
    spans: 2,
    errors: 1,
    services: [
      { name: 'frontend', spans: 1 },
      { name: 'backend', spans: 1 },
    ],
    ...more,
  }
}

/** The same with its spans; the second one failed. */
export function trace(name = 'SELECT'): Trace {
  const span = { kind: 'server', error: false, tags: [], events: [] } as const
  const tags = [['db.statement', `${name} 1`]] as const
  const events = [{ offset: 13, text: 'exception.message=no such table' }]
  return {
    ...summary(),
    tree: [
      { ...span, id: 'a', depth: 0, service: 'frontend', name: 'GET /api/todos', offset: 0, ms: 40 },
      { ...span, id: 'b', depth: 1, service: 'backend', name, offset: 12, ms: 20, error: true, tags, events },
    ],
    more: 3,
  }
}

/** A list with these traces. */
export function traces(...all: readonly TraceSummary[]): UiTraces {
  const calls = [{ from: 'frontend', to: 'backend', calls: 21 }]
  return { ok: true, services: ['backend', 'frontend'], traces: all, calls }
}

/** A dashboard with a chart of these lines, a figure, and a panel that cannot be read. */
export function dashboard(uid: string, names: readonly string[]): UiDashboard {
  const times = Array.from({ length: 121 }, (_, index) => 1_796_000_000 + index * 15)
  const lines = names.map((name, line) => ({ name, values: times.map((_, index) => (index % 7) + line) }))
  const panel = { description: null, unit: 'reqps', lines: [], more: 0, problem: null } as const
  const problem = 'The preset prometheus does not answer in 10 s'
  const panels = [
    { ...panel, title: 'Rate', kind: 'lines', lines, more: 2, description: 'Counted from spans.' },
    { ...panel, title: 'Errors', kind: 'lines', problem },
    { ...panel, title: 'Duration', kind: 'lines' },
  ] as const
  const figures = [{ ...panel, title: 'Pods running', kind: 'figure', unit: 'none', lines: lines.slice(0, 1) }] as const
  const rows = [
    { title: 'Now', panels: figures },
    { title: 'Requests', panels },
  ]
  return { ok: true, dashboard: { uid, title: uid, times, rows } }
}

/** A metric with a chart of these lines. */
export function metric(more: Partial<Metric>, names: readonly string[]): UiMetric {
  const times = Array.from({ length: 121 }, (_, index) => 1_796_000_000 + index * 15)
  const lines = names.map((name, line) => ({ name, values: times.map((_, index) => (index % 7) + line) }))
  const panel = { description: null, kind: 'lines', unit: 'ops', lines, more: 2, problem: null } as const
  return {
    ok: true,
    metric: { name: 'http_requests_total', type: 'counter', help: 'Requests.', unit: 'short', ...more },
    labels: ['method', 'path'],
    times,
    panels: [{ ...panel, title: 'Rate', queries: ['rate({__name__="http_requests_total"}[60s])'] }],
  }
}
