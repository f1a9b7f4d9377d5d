import { expect, test } from 'vitest'
import { barOf, durationText, mapOf, matching, shareOf, spanText } from '../../../web/traces-model.ts'
import { summary } from '../../browser/support/telemetry.ts'

test.each([
  [0, '0 µs'],
  [0.25, '250 µs'],
  [12.44, '12.4 ms'],
  [480.6, '481 ms'],
  [1254, '1.25 s'],
])('%d ms are written as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test('a trace is found by its name, its services and its ID', () => {
  const all = [summary(), summary({ id: 'ff', name: 'job', services: [{ name: 'worker', spans: 1 }] })]
  expect(matching(all, 'WORK')).toEqual([all[1]])
  expect(matching(all, 'ff')).toEqual([all[1]])
  expect(matching(all, 'todos')).toEqual([all[0]])
  expect(matching(all, '')).toEqual(all)
})

test('bars stay within their trace, and are never too small to see', () => {
  expect(barOf({ offset: 10, ms: 20 }, { ms: 40 })).toEqual({ left: 25, width: 50 })
  expect(barOf({ offset: 40, ms: 0 }, { ms: 40 })).toEqual({ left: 99.5, width: 0.5 })
  expect(barOf({ offset: -5, ms: 90 }, { ms: 40 })).toEqual({ left: 0, width: 100 })
  expect(barOf({ offset: 0, ms: 0 }, { ms: 0 })).toEqual({ left: 0, width: 100 })
  expect([shareOf(0, 40), shareOf(20, 40), shareOf(0, 0)]).toEqual([1, 50, 1])
})

test('a bar is told in words', () => {
  expect(spanText({ kind: 'server', offset: 2, error: true })).toBe('server, from 2 ms on, failed')
  expect(spanText({ kind: null, offset: 0, error: false })).toBe('from 0 µs on')
})

test('each service is once in the map', () => {
  const calls = [
    { from: 'a', to: 'b', calls: 1 },
    { from: 'a', to: 'c', calls: 2 },
  ]
  expect(mapOf(calls).nodes.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  expect(mapOf(calls).edges).toEqual([
    { from: 'a', to: 'b' },
    { from: 'a', to: 'c' },
  ])
})
