import fc from 'fast-check'
import { expect, test } from 'vitest'
import { callsIn, servicesIn, traceIn, tracesIn } from '../../../src/telemetry/jaeger.ts'

const start = Date.parse('2026-11-29T12:00:00Z') * 1000
const processes = { p1: { serviceName: 'frontend' }, p2: { serviceName: 'backend' } }
const span = (spanID: string, parent: string | undefined, more: object = {}) => ({
  traceID: 'ab12',
  spanID,
  references: parent === undefined ? [] : [{ refType: 'CHILD_OF', traceID: 'ab12', spanID: parent }],
  processID: 'p1',
  operationName: `work ${spanID}`,
  startTime: start,
  duration: 40_000,
  tags: [],
  logs: [],
  ...more,
})
const failed = [
  { key: 'error', type: 'bool', value: true },
  { key: 'span.kind', value: 'client' },
  { key: 'http.status_code', value: 500 },
]
const logs = [{ timestamp: start + 5000, fields: [{ key: 'exception.message', value: 'no such table' }] }]
// Out of order, as they came.
const spans = [
  span('c', 'b', { startTime: start + 4000, duration: 1500, tags: failed, logs, processID: 'p2' }),
  span('d', 'a', { startTime: start + 9000, duration: 50_000 }),
  span('a', undefined),
  span('b', 'a', { startTime: start + 2000, processID: 'p2' }),
]
const answer = { data: [{ traceID: 'ab12', spans, processes }] }

test('a trace is told by its first span, from its first begin to its last end', () => {
  const [trace, ...more] = tracesIn([answer, answer])
  expect(more).toEqual([])
  expect(trace).toEqual({
    id: 'ab12',
    start: '2026-11-29T12:00:00.000Z',
    ms: 59,
    service: 'frontend',
    name: 'work a',
    spans: 4,
    errors: 1,
    services: [
      { name: 'backend', spans: 2 },
      { name: 'frontend', spans: 2 },
    ],
  })
})

test('each span follows the one that caused it, with its place, its tags and what happened in it', () => {
  const trace = traceIn(answer)
  expect(trace?.tree.map(({ id, depth }) => [id, depth])).toEqual([
    ['a', 0],
    ['b', 1],
    ['c', 2],
    ['d', 1],
  ])
  expect(trace?.tree[2]).toEqual({
    id: 'c',
    depth: 2,
    service: 'backend',
    name: 'work c',
    kind: 'client',
    offset: 4,
    ms: 1.5,
    error: true,
    tags: [
      ['error', 'true'],
      ['span.kind', 'client'],
      ['http.status_code', '500'],
    ],
    events: [{ offset: 5, text: 'exception.message=no such table' }],
  })
})

test('newest traces come first', () => {
  const at = (traceID: string, seconds: number) => ({
    processes,
    spans: [{ ...span('a', undefined), traceID, startTime: start + seconds * 1e6 }],
  })
  const all = tracesIn([{ data: [at('old', 0), at('new', 9)] }, { data: [at('between', 5)] }])
  expect(all.map(({ id }) => id)).toEqual(['new', 'between', 'old'])
})

test('a span whose parent is missing begins a tree, and spans that cause each other end', () => {
  const lost = { data: [{ spans: [span('a', undefined), span('z', 'gone')], processes }] }
  expect(traceIn(lost)?.tree.map(({ id, depth }) => [id, depth])).toEqual([
    ['a', 0],
    ['z', 0],
  ])
  const circle = { data: [{ spans: [span('a', undefined), span('x', 'y'), span('y', 'x')], processes }] }
  expect(traceIn(circle)?.tree.map(({ id }) => id)).toEqual(['a', 'x', 'y'])
  expect(traceIn({ data: [{ spans: [span('x', 'y'), span('y', 'x')], processes }] })?.spans).toBe(2)
})

test('a trace with 3,000 spans says how many it leaves out', () => {
  const many = Array.from({ length: 3000 }, (_, index) => span(`s${index}`, index === 0 ? undefined : 's0'))
  expect(traceIn({ data: [{ spans: many, processes }] })).toMatchObject({ spans: 3000, more: 1000 })
})

test('services and their calls are read; calls of a service to itself are none', () => {
  expect(servicesIn({ data: ['b', 'a', '', 7] })).toEqual(['a', 'b'])
  const calls = [{ parent: 'a', child: 'b', callCount: 3 }, { parent: 'a', child: 'a', callCount: 9 }, { parent: 'a' }]
  expect(callsIn({ data: calls })).toEqual([{ from: 'a', to: 'b', calls: 3 }])
})

test('no answer makes it fail', () => {
  const odd = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.array(tie('value')), tie('known')),
    known: fc.dictionary(
      fc.constantFrom('data', 'spans', 'processes', 'references', 'tags', 'logs', 'startTime', 'spanID', 'duration'),
      tie('value'),
    ),
  })).value
  fc.assert(
    fc.property(odd, (value) => {
      for (const read of [servicesIn, callsIn, traceIn]) read(value)
      for (const { start: time } of tracesIn([value])) expect(Number.isNaN(Date.parse(time))).toBe(false)
    }),
  )
})
