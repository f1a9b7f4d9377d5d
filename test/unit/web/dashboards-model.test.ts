import { expect, test } from 'vitest'
import type { DrawnPanel } from '../../../src/commands/ui/api.ts'
import {
  heightsOf,
  lastOf,
  panelText,
  rateSentence,
  rateText,
  unitText,
  valueText,
} from '../../../web/dashboards-model.ts'

test.each([
  [0.0312, 'percentunit', '3.12 %'],
  [134_217_728, 'bytes', '128 MiB'],
  [2048, 'Bps', '2 KiB/s'],
  [0.012, 's', '12 ms'],
  [2.5, 's', '2.5 s'],
  [0, 's', '0 s'],
  [12.34, 'ms', '12.3 ms'],
  [2500, 'ms', '2.5 s'],
  [1.256, 'reqps', '1.26/s'],
  [12_345, 'short', '12.3 k'],
  [0.05, 'short', '0.05'],
  [3, 'none', '3'],
] as const)('%d in %s is written as %s', (value, unit, text) => {
  expect(unitText(value, unit)).toBe(text)
})

const line = { name: 'a', values: [1, null, 3, null] }

test('a line is told by its last value, or by that at the pointer', () => {
  expect(lastOf(line)).toBe(3)
  expect(lastOf({ values: [null] })).toBeNull()
  expect([null, 0, 1, 9].map((index) => valueText(line, 'none', index))).toEqual(['3', '1', '–', '–'])
})

test.each([
  [null, null, 0, 1],
  [0, 0, 0, 1],
  [2, 10, 0, 11],
  [-10, 20, -11, 22],
  [-10, -5, -11, 0],
])('a chart of values from %j to %j reaches from %d to %d', (least, most, bottom, top) => {
  const [low, high] = heightsOf(least, most)
  expect([low, high].map((height) => Math.round(height * 100) / 100 + 0)).toEqual([bottom, top])
})

test('a panel is told in words', () => {
  const panel: DrawnPanel = {
    title: 'Rate',
    description: null,
    kind: 'lines',
    unit: 'reqps',
    lines: [line],
    more: 2,
    problem: null,
  }
  expect(panelText(panel)).toBe('Rate: a 3/s, and 2 more')
  expect(panelText({ ...panel, lines: [] })).toBe('Rate: no values')
})

test('the rate of a service is told with its errors, if it has any', () => {
  const rate = { service: 'a', rate: 2.5, errors: 0.012, p95: 48 }
  expect(rateText(rate)).toBe('2.5/s · 1.2 % errors')
  expect(rateText({ ...rate, errors: 0 })).toBe('2.5/s')
  expect(rateSentence(rate)).toBe('2.5/s requests, 1.2 % of them fail, 95 % take at most 48 ms')
  expect(rateSentence({ ...rate, rate: 0, errors: null, p95: null })).toBe('0/s requests')
})
