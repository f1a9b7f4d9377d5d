import { expect, test } from 'vitest'
import { barsOf, percentile, spanText, timesOf, waitingText } from '../../../web/saves-model.ts'
import { save } from '../../browser/support/states.ts'

test('percentiles are values that were measured', () => {
  const sorted = Array.from({ length: 20 }, (_, index) => index + 1)
  expect([percentile(sorted, 50), percentile(sorted, 95), percentile([7], 95), percentile([], 50)]).toEqual([
    10, 19, 7, 0,
  ])
})

test('only saves that are done count, by service and kind', () => {
  const saves = [save(1), save(2, { ms: 60 }), save(3, { state: 'failed' }), save(4, { service: null, ms: 5 })]
  expect(timesOf(saves)).toEqual([
    { service: 'backend', kind: 'sync', count: 2, p50: 20, p95: 60 },
    { service: 'whole stack', kind: 'sync', count: 1, p50: 5, p95: 5 },
  ])
})

test('steps follow one another, and time without a name is a step as well', () => {
  const steps = [
    { name: 'built', ms: 50 },
    { name: 'ready', ms: 25 },
  ]
  const bars = barsOf(save(1, { steps, ms: 100 }), 200)
  expect(bars.map(({ name, from, width }) => [name, from, width])).toEqual([
    ['built', 0, 25],
    ['ready', 25, 12.5],
    ['other', 37.5, 12.5],
  ])
  expect(barsOf(save(1, { steps: [], ms: 0 }), 0)).toEqual([])
})

test.each([
  [19.6, '20 ms'],
  [1400, '1.4 s'],
  [125_000, '2 min 5 s'],
])('%d ms are %s', (ms, text) => {
  expect(spanText(ms)).toBe(text)
})

test('what waits is said by service, with the number of its files', () => {
  expect(waitingText([])).toBe('nothing was saved since then.')
  const waiting = [
    { service: 'api', files: 2 },
    { service: null, files: 1 },
  ]
  expect(waitingText(waiting)).toBe('api 2, whole stack 1 saved and waiting.')
})
