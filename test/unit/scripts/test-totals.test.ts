import { expect, test } from 'vitest'
import { totalsOf, type VitestReport } from '../../../scripts/test-totals.ts'

const report = (...tests: [status: string, ...tags: string[]][]): VitestReport => ({
  testResults: [{ assertionResults: tests.map(([status, ...tags]) => ({ status, tags })) }],
})
const all = () => true

test('passed and failed tests are counted', () => {
  expect(totalsOf(report(['passed'], ['passed'], ['failed']), 1, all)).toEqual({ passed: 2, failed: 1 })
})

test.each(['skipped', 'pending', 'todo'])('a test that is %s counts as failed', (status) => {
  expect(totalsOf(report(['passed'], [status]), 0, all)).toEqual({ passed: 1, failed: 1 })
})

test('a test that the tags do not select is not counted', () => {
  const isSlow = (tags: readonly string[]) => tags.includes('slow')
  expect(totalsOf(report(['passed', 'slow'], ['skipped']), 0, isSlow)).toEqual({ passed: 1, failed: 0 })
})

test.each([
  ['that failed outside its tests', report(['passed']), 1, { passed: 1, failed: 1 }],
  ['without tests', report(), 0, { passed: 0, failed: 1 }],
  ['without a report', undefined, 1, { passed: 0, failed: 1 }],
])('a run %s counts as one failure', (_, one, exitCode, totals) => {
  expect(totalsOf(one, exitCode, all)).toEqual(totals)
})
