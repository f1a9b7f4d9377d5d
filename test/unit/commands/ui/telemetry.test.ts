import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { telemetry } from '../../../../src/commands/ui/telemetry.ts'
import { telemetryRoutes } from '../../../../src/commands/ui/telemetry-routes.ts'
import { cell } from '../../../../src/logs/view.ts'
import type { OpenProject } from '../../../../src/project/open.ts'
import { todo } from '../../../browser/support/states.ts'
import { presetPod, servedStack } from '../../telemetry/served.ts'

const { signal } = new AbortController()
const now = Date.parse('2026-11-29T12:00:00Z')
const withPresets = (...names: string[]) => {
  const presets = names.map((name) => ({ name, version: '1', urls: [] }))
  return { ...todo, recorded: { ...todo.recorded, presets } }
}
const pods = [presetPod('jaeger-0', 'jaeger', 16686), presetPod('prometheus-0', 'prometheus', 9090)]

/** A Jaeger and a Prometheus with one trace and one series for each query, and the paths that they were asked for. */
async function known(...presets: string[]) {
  const asked: URL[] = []
  const { open } = await servedStack(({ url }, response) => {
    const at = new URL(url ?? '', 'http://preset')
    asked.push(at)
    response.end(JSON.stringify(answerOf(at)))
  }, pods)
  const state = cell(withPresets(...presets))
  const project = cell<OpenProject | undefined>(open)
  let time = now
  const read = telemetry({ state, project }, () => time, signal)
  const later = (ms: number) => {
    time += ms
  }
  return { read, asked, state, project, later }
}

function answerOf({ pathname, searchParams }: URL): unknown {
  if (pathname === '/api/services') return { data: ['frontend', 'backend'] }
  if (pathname === '/api/dependencies') return { data: [{ parent: 'frontend', child: 'backend', callCount: 4 }] }
  if (pathname.startsWith('/api/traces')) {
    const span = { traceID: 'ab', spanID: 'a', processID: 'p', operationName: 'GET /', startTime: 1, duration: 5000 }
    return { data: [{ spans: [span], processes: { p: { serviceName: searchParams.get('service') ?? 'frontend' } } }] }
  }
  if (pathname === '/api/v1/label/__name__/values') return { data: ['jobs_total'] }
  if (pathname === '/api/v1/metadata' || pathname.startsWith('/api/v1/label')) return { data: {} }
  const metric = { service_name: 'backend', service: 'backend' }
  const start = Number(searchParams.get('start'))
  return { data: { result: [{ metric, value: [start, '2.5'], values: [[start, '2.5']] }] } }
}

test('without the presets it says which one to add, also while the cluster is away', async () => {
  const { read, asked, project } = await known()
  project.set(undefined)
  const texts = [await read.traces({ service: '', failed: false }), await read.rates(), read.dashboards()]
  for (const each of texts) expect(each).toMatchObject({ ok: false, hint: expect.stringContaining('to presets') })
  expect(asked).toEqual([])
})

test('the newest traces are those of each service, once, with the calls of the last hour', async () => {
  const { read, asked } = await known('jaeger')
  expect(await read.traces({ service: '', failed: true })).toMatchObject({
    ok: true,
    services: ['backend', 'frontend'],
    traces: [{ id: 'ab', name: 'GET /', ms: 5 }],
    calls: [{ from: 'frontend', to: 'backend', calls: 4 }],
  })
  const traces = asked.filter(({ pathname }) => pathname === '/api/traces')
  expect(traces.map(({ searchParams }) => Object.fromEntries(searchParams))).toEqual([
    { service: 'backend', limit: '20', tags: '{"error":"true"}' },
    { service: 'frontend', limit: '20', tags: '{"error":"true"}' },
  ])
  const calls = asked.find(({ pathname }) => pathname === '/api/dependencies')
  expect(calls?.search).toBe(`?endTs=${now}&lookback=3600000`)
})

test('several questions at once are one, and a later one is a new one', async () => {
  const { read, asked, later } = await known('jaeger')
  const both = await Promise.all([read.trace('ab'), read.trace('ab')])
  expect(both[0]).toMatchObject({ ok: true, trace: { id: 'ab', tree: [{ name: 'GET /' }] } })
  expect(asked).toHaveLength(1)
  later(4000)
  await read.trace('ab')
  expect(asked).toHaveLength(2)
})

test('a dashboard has the panels that devk generates for Grafana, with the values of Prometheus', async () => {
  const { read, asked } = await known('prometheus', 'jaeger')
  const list = read.dashboards()
  expect(list.ok && list.dashboards.map(({ title }) => title)).toEqual([
    'Cluster',
    'Nodes',
    'Service frontend',
    'Service backend',
  ])
  const got = await read.dashboard('service-backend', 30)
  if (!got.ok) throw new Error(got.text)
  const { rows, times } = got.dashboard
  // Traces and logs have views of their own.
  expect(rows.map(({ title, panels }) => [title, panels.map((panel) => panel.title)])).toEqual([
    ['Requests', ['Rate', 'Errors', 'Duration']],
    ['Saturation', ['CPU', 'Memory', 'CPU throttling']],
    ['Pods', ['Restarts', 'Pods']],
  ])
  expect(times).toHaveLength(121)
  const [rate] = rows[0]?.panels ?? []
  expect(rate).toMatchObject({ kind: 'lines', unit: 'reqps', problem: null })
  expect(rate?.lines[0]?.values[0]).toBe(2.5)
  expect(asked.every(({ searchParams }) => !searchParams.get('query')?.includes('$'))).toBe(true)
  expect(asked[0]?.searchParams.get('query')).toContain('[60s]')
  expect(await read.dashboard('none', 30)).toMatchObject({ ok: false, text: 'There is no such dashboard.' })
})

test.each([
  [['prometheus', 'jaeger'], 'traces_span_metrics_calls_total', 2.5],
  [['prometheus'], 'http_server_request_duration_seconds_count', 2500],
])('with %j the rates of services come from %s', async (presets, metric, p95) => {
  const { read, asked } = await known(...presets)
  expect(await read.rates()).toEqual({ ok: true, rates: [{ service: 'backend', rate: 2.5, errors: 2.5, p95 }] })
  expect(asked).toHaveLength(3)
  expect(asked[0]?.searchParams.get('query')).toContain(metric)
})

test('the metrics of a service are listed, and one of them has its values', async () => {
  const { read } = await known('prometheus')
  expect(await read.metrics('backend')).toMatchObject({ ok: true, metrics: [{ name: 'jobs_total', type: 'counter' }] })
  const question = { service: 'backend', by: '', minutes: 30 }
  expect(await read.metric({ ...question, name: 'jobs_total' })).toMatchObject({
    ok: true,
    panels: [{ title: 'Rate', lines: [{ name: 'value' }] }],
  })
  expect(await read.metric({ ...question, name: 'none' })).toMatchObject({
    ok: false,
    text: 'Prometheus has no metric of this name here.',
  })
})

test('a preset that another up has added is known at once', async () => {
  const { read, state, later } = await known()
  expect((await read.rates()).ok).toBe(false)
  state.set(withPresets('prometheus'))
  later(4000)
  expect((await read.rates()).ok).toBe(true)
})

test.each([
  '/api/v1/trace?id=../services',
  '/api/v1/trace',
  '/api/v1/dashboard?minutes=0',
  '/api/v1/dashboard?minutes=x',
  '/api/v1/metric',
  '/api/v1/metric?name=up&minutes=1.5',
  `/api/v1/metric?name=${'a'.repeat(501)}`,
  `/api/v1/metric?name=up&by=${'a'.repeat(501)}`,
  `/api/v1/metric-names?service=${'a'.repeat(501)}`,
])('a question that is none is refused: %s', async (url) => {
  const { read, asked } = await known('jaeger', 'prometheus')
  const written: unknown[] = []
  const response = {
    writeHead(code: number) {
      written.push(code)
      return response
    },
    end() {},
  }
  const [path = ''] = url.split('?')
  await telemetryRoutes(read)[path]?.({ url } as IncomingMessage, response as unknown as ServerResponse)
  expect([written, asked]).toEqual([[400], []])
})
