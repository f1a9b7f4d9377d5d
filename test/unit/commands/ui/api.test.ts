import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { changingRoutes } from '../../../../src/commands/ui/changing-routes.ts'
import { routes } from '../../../../src/commands/ui/routes.ts'
import { shellRoutes, shellSockets } from '../../../../src/commands/ui/shells.ts'
import { telemetry } from '../../../../src/commands/ui/telemetry.ts'
import type { CliContext } from '../../../../src/context.ts'
import { cell } from '../../../../src/logs/view.ts'
import { sessionRoutes } from '../../../../src/session/serve.ts'
import { session as begin } from '../../../../src/session/session.ts'
import { history } from '../../../../src/ui/history.ts'
import { keyPath } from '../../../../src/ui/server.ts'
import { bell } from '../../../../src/ui/sse.ts'
import { finding, happening, line, localLine, plan, session, todo } from '../../../browser/support/states.ts'
import { dashboard, metric, summary, trace, traces } from '../../../browser/support/telemetry.ts'

interface Schema {
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly $ref?: string
}

const document = parse(readFileSync('docs/api/ui.v1.yaml', 'utf8'))
const schemas: Readonly<Record<string, Schema>> = document.components.schemas

test('the OpenAPI document has the paths of the API', () => {
  const { signal } = new AbortController()
  const stream = () => history<never>({ items: 1, size: 1 })
  const observed = { state: cell(todo), changes: stream(), rings: bell(), project: cell(undefined) }
  const api = routes({
    observed,
    logs: { lines: stream(), rings: bell(), begin() {} },
    happened: { happenings: stream(), rings: bell(), begin() {}, add() {} },
    usage: { samples: stream(), rings: bell() },
    releases: async () => ({ history: null, colours: [], problem: null }),
    telemetry: telemetry(observed, Date.now, signal),
    doctor: async () => ({ ok: true, findings: [] }),
    session: cell(null),
    run: 'ab',
    signal,
  })
  const context = { signal } as CliContext
  const changing = Object.keys(changingRoutes(context, async () => ({ ok: true, plan: plan() })))
  const sockets = Object.keys(shellSockets(context))
  const described = Object.entries(document.paths as Record<string, object>)
  const of = (method: string) => described.flatMap(([path, item]) => (method in item ? `/api/v1${path}` : []))
  expect([...Object.keys(api), ...sockets, keyPath].sort()).toEqual(of('get').sort())
  expect([...changing, ...Object.keys(shellRoutes(context))].sort()).toEqual(of('post').sort())
})

/** Fields of a value that its schema does not name, and fields that it lacks. */
function differences(value: unknown, given: Schema, place = ''): string[] {
  const schema = given.$ref === undefined ? given : (schemas[given.$ref.split('/').at(-1) ?? ''] as Schema)
  if (Array.isArray(value)) return value.flatMap((each) => differences(each, schema.items ?? {}, `${place}[]`))
  if (schema.properties === undefined || typeof value !== 'object' || value === null) return []
  const { properties, required = [] } = schema
  return [
    ...required.filter((key) => !(key in value)).map((key) => `${place}.${key} is missing`),
    ...Object.entries(value).flatMap(([key, each]) =>
      properties[key] === undefined
        ? [`${place}.${key} is not described`]
        : differences(each, properties[key], `${place}.${key}`),
    ),
  ]
}

const change = { time: '2026-11-29T12:00:00Z', kind: 'service', name: 'a', from: null, to: 'ready', reason: null }

test.each<[string, unknown]>([
  ['State', todo],
  ['Session', session()],
  ['Preview', { ok: true, effects: ['It would restart.'], command: null, kubectl: null }],
  ['ShellPreview', { ok: true, choices: [{ container: 'a', effects: ['It starts.'], command: 'b', kubectl: null }] }],
  ['TerminalEnd', { exitCode: 0 }],
  ['TerminalEnd', { failure: 'no sh', hint: null }],
  ['Outcome', { ok: false, text: 'no', hint: null }],
  ['Changes', { changes: [change], missed: 0 }],
  ['Happenings', { happenings: [happening('a')], missed: 0 }],
  [
    'Releases',
    {
      history: null,
      colours: [{ service: 'a', label: 'b', current: 'c', colours: ['c'] }],
      problem: 'The cluster does not answer.',
    },
  ],
  [
    'Samples',
    { samples: [{ time: change.time, uses: [{ kind: 'preset', name: 'a', cpu: 1, memory: 2 }] }], missed: 0 },
  ],
  ['Plan', { ok: true, plan: plan() }],
  ['Doctor', { ok: true, findings: [finding()] }],
  ['Traces', traces(summary())],
  ['TraceSummary', summary()],
  ['OneTrace', { ok: true, trace: trace() }],
  ['Dashboards', { ok: true, dashboards: [{ uid: 'devk-nodes', title: 'Nodes' }] }],
  ['OneDashboard', dashboard('devk-nodes', ['a'])],
  ['Metrics', { ok: true, services: ['a'], metrics: [{ name: 'a', type: 'gauge', help: null, unit: 's' }], more: 0 }],
  ['OneMetric', metric({}, ['a'])],
  ['Rates', { ok: true, rates: [{ service: 'a', rate: 1, errors: null, p95: null }] }],
  ['Lines', { lines: [line('a', { dropped: 3 }), localLine('a')], missed: 0 }],
])('the OpenAPI document describes each field of %s', (name, value) => {
  expect(differences(value, schemas[name] as Schema)).toEqual([])
})

test('the document of the session has its paths, and describes it in the same words', () => {
  const own = parse(readFileSync('docs/api/session.v1.yaml', 'utf8'))
  const paths = sessionRoutes(begin({ ...session(), pid: 7 }, Date.now), AbortSignal.abort())
  expect([...paths.keys()]).toEqual(Object.keys(own.paths))
  for (const name of ['Session', 'Save', 'Failure']) expect(own.components.schemas[name]).toEqual(schemas[name])
  const entry = { time: '2026-11-29T12:00:00Z', service: null, type: 'phase', text: 'The stack is up' }
  const { Entries, KeptLines, Lines, LocalLine } = own.components.schemas
  expect(differences({ entries: [entry], missed: 0 }, Entries)).toEqual([])
  const written = { service: 'web', time: entry.time, text: 'ready' }
  for (const [value, schema] of [
    [written, LocalLine],
    [{ lines: [], missed: 0 }, Lines],
    [{ lines: [], missed: 0, place: 'ab-0' }, KeptLines],
  ]) {
    expect(differences(value, schema)).toEqual([])
  }
})

test('a field that the document lacks is found', () => {
  expect(differences({ ...todo, planted: 1, usage: undefined, cluster: {} }, schemas.State as Schema)).toContain(
    '.planted is not described',
  )
  expect(differences({}, schemas.State as Schema)).toContain('.project is missing')
})
