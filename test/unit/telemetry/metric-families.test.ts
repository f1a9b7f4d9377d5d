import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matching, metricsOf } from '../../../src/telemetry/metric-families.ts'

const said = (all: Readonly<Record<string, object>>) => ({
  data: Object.fromEntries(Object.entries(all).map(([name, each]) => [name, [each]])),
})
const typesOf = (names: readonly string[], metadata: unknown = {}) =>
  metricsOf(names, metadata).map(({ name, type }) => `${name} ${type}`)

test('a histogram and a summary are one metric, with what their program says of them', () => {
  const metadata = said({
    http_seconds: { type: 'histogram', help: 'How long. ', unit: '' },
    gc_bytes: { type: 'summary', help: 'Freed.', unit: '' },
    up: { type: 'gauge', help: '', unit: '' },
  })
  const names = ['up', 'http_seconds_sum', 'http_seconds_bucket', 'http_seconds_count', 'http_seconds_created']
  expect(metricsOf([...names, 'gc_bytes', 'gc_bytes_sum', 'gc_bytes_count'], metadata)).toEqual([
    { name: 'gc_bytes', type: 'summary', help: 'Freed.', unit: 'bytes' },
    { name: 'http_seconds', type: 'histogram', help: 'How long.', unit: 's' },
    { name: 'up', type: 'gauge', help: null, unit: 'short' },
  ])
})

test('what was sent with OpenTelemetry has no description: its type comes from its names', () => {
  const names = ['jobs_total', 'jobs_created', 'queue_length', 'wait_milliseconds_bucket', 'wait_milliseconds_sum']
  expect(typesOf([...names, 'wait_milliseconds_count', 'size_sum', 'size_count'])).toEqual([
    'jobs_total counter',
    'queue_length gauge',
    'size summary',
    'wait_milliseconds histogram',
  ])
})

test('a description wins over a name', () => {
  const names = ['pods_total', 'requests', 'disk_bucket', 'load_sum', 'load_count', 'bytes_total']
  const metadata = said({
    pods_total: { type: 'gauge' },
    requests: { type: 'counter' },
    disk_bucket: { type: 'gauge' },
    load_sum: { type: 'gauge' },
    load_count: { type: 'gauge' },
    // OpenMetrics leaves out `_total`.
    bytes: { type: 'counter', help: 'Sent.', unit: 'bytes' },
  })
  expect(typesOf(names, metadata)).toEqual([
    'bytes_total counter',
    'disk_bucket gauge',
    'load_count gauge',
    'load_sum gauge',
    'pods_total gauge',
    'requests counter',
  ])
  expect(metricsOf(['bytes_total'], metadata)[0]).toMatchObject({ help: 'Sent.', unit: 'bytes' })
})

test('metrics are found by words of their names and descriptions', () => {
  const all = metricsOf(['http_requests_total', 'up'], said({ up: { type: 'gauge', help: 'Whether HTTP works' } }))
  const found = (search: string) => matching(all, search).map(({ name }) => name)
  expect([found(''), found('HTTP'), found('works http'), found('http total'), found('none')]).toEqual([
    ['http_requests_total', 'up'],
    ['http_requests_total', 'up'],
    ['up'],
    ['http_requests_total'],
    [],
  ])
})

test('any names and any metadata make metrics, each once, and every series is of one of them', () => {
  const end = fc.constantFrom('', '_total', '_bucket', '_sum', '_count', '_created', '_seconds')
  const base = fc.constantFrom('a', '__proto__', 'constructor', 'a_sum', '')
  const name = fc.oneof(
    fc.tuple(base, end).map(([first, last]) => first + last),
    fc.string(),
  )
  const metadata = fc.oneof(fc.jsonValue(), fc.record({ data: fc.dictionary(name, fc.array(fc.jsonValue())) }))
  fc.assert(
    fc.property(fc.array(name), metadata, (names, answer) => {
      const metrics = metricsOf(names, answer).map((each) => each.name)
      expect(new Set(metrics).size).toBe(metrics.length)
      for (const each of names) {
        // When a counter was created is no metric.
        expect(each.endsWith('_created') || metrics.some((metric) => each.startsWith(metric))).toBe(true)
      }
    }),
  )
})
