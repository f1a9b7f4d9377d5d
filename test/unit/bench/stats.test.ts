import { expect, test } from 'vitest'
import { percentile, ratioOf } from '../../../bench/lib/stats.ts'

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)

test('a percentile is the value of its rank', () => {
  expect([0.5, 0.95, 1].map((p) => percentile(hundred, p))).toEqual([50, 95, 100])
  expect(percentile([7], 0.5)).toBe(7)
  expect(percentile([], 0.5)).toBe(0)
})

test('an arm beside itself has the ratio 1, whatever the rounds', () => {
  expect(ratioOf(hundred, hundred)).toEqual({ ratio: 1, low: 1, high: 1 })
})

test('the interval has the true ratio when the rounds differ, and is the same in each run', () => {
  const half = hundred.map((ms, index) => ms / 2 + (index % 7) / 10)
  const found = ratioOf(half, hundred)
  expect(found.low).toBeLessThan(0.51)
  expect(found.high).toBeGreaterThan(0.5)
  expect(found.low).toBeLessThanOrEqual(found.ratio)
  expect(found.high).toBeGreaterThanOrEqual(found.ratio)
  expect(ratioOf(half, hundred)).toEqual(found)
})

test('an interval that the rounds do not decide has 1 in it', () => {
  const uneven = hundred.map((ms, index) => (index % 2 === 0 ? ms * 1.2 : ms / 1.2))
  const { low, high } = ratioOf(uneven, hundred)
  expect(low).toBeLessThan(1)
  expect(high).toBeGreaterThan(1)
})
