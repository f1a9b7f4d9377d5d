import { expect, test } from 'vitest'
import { linesIn, rangeOf, timesOf, valuesIn, withInterval } from '../../../src/telemetry/prometheus.ts'

const range = { start: 0, end: 45, step: 15 }
const answer = (result: unknown) => ({ status: 'success', data: { result } })

test.each([
  [15, 15],
  [30, 15],
  [60, 30],
  [360, 180],
  [1440, 720],
])('%d minutes have a point every %d seconds, at times that stay the same while time goes on', (minutes, step) => {
  const [first, next] = [rangeOf(minutes, 1_000_000_007_000), rangeOf(minutes, 1_000_000_007_000 + step * 1000)]
  expect(first.step).toBe(step)
  expect(next.start - first.start).toBe(step)
  expect(first.end % step).toBe(0)
  expect(timesOf(first)).toHaveLength((minutes * 60) / step + 1)
})

test('a rate is of four readings at least, and has no gap between two points', () => {
  expect(withInterval('rate(a[$__rate_interval]) / rate(b[$__rate_interval])', 15)).toBe('rate(a[60s]) / rate(b[60s])')
  expect(withInterval('rate(a[$__rate_interval])', 720)).toBe('rate(a[735s])')
})

test('values stand at their times; what is no number is a gap', () => {
  const metric = { pod: 'a-1', device: 'eth0' }
  const values = [
    [15, '1.5'],
    [30, 'NaN'],
    [45, '+Inf'],
    [60, '9'],
  ]
  expect(linesIn(answer([{ metric, values }]), '{{pod}} {{ device }} in', range)).toEqual([
    { name: 'a-1 eth0 in', values: [null, 1.5, null, null] },
  ])
  expect(linesIn(answer([{ metric: {}, values: [] }]), '{{pod}}', range)[0]?.name).toBe('value')
})

test('an instant query has one value for each name', () => {
  const all = [
    { metric: { service: 'a' }, value: [1, '2'] },
    { metric: { service: 'b' }, value: [1, 'NaN'] },
    { metric: {}, value: [1, '3'] },
  ]
  expect([...valuesIn(answer(all), 'service')]).toEqual([['a', 2]])
})

test.each([undefined, null, 7, [], { data: 7 }, answer(7), answer([null, 7, { metric: 7, values: 7 }])])(
  'an answer that is none is nothing, and no failure: %j',
  (odd) => {
    expect(linesIn(odd, '{{a}}', range).flatMap(({ values }) => values.filter((each) => each !== null))).toEqual([])
    expect([...valuesIn(odd, 'a')]).toEqual([])
  },
)
