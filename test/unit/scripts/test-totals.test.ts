import { expect, test } from 'vitest'
import { totalsOf, type VitestReport } from '../../../scripts/test-totals.ts'

type Test = [status: string, ...tags: string[]]
const report = (...tests: Test[]): VitestReport => ({
  testResults: [
    {
      name: 'a.test.ts',
      assertionResults: tests.map(([status, ...tags]) => ({ fullName: 'adds', status, tags })),
    },
  ],
})
const all = () => true
const counts = (...args: Parameters<typeof totalsOf>) => {
  const { passed, failures } = totalsOf(...args)
  return { passed, failed: failures.length }
}

test('passed and failed tests are counted', () => {
  expect(counts(report(['passed'], ['passed'], ['failed']), 1, all)).toEqual({ passed: 2, failed: 1 })
})

test('a failure tells its file, its name and how its error begins', () => {
  const failureMessages = [['AssertionError: expected 1 to be 2', ...Array(20).fill('    at somewhere')].join('\n')]
  const assertionResults = [{ fullName: 'adds', status: 'failed', tags: [], failureMessages }]
  const { failures } = totalsOf({ testResults: [{ name: 'a.test.ts', assertionResults }] }, 1, all)
  expect(failures).toHaveLength(1)
  expect(failures[0]).toMatch(/^a\.test\.ts > adds\n {4}AssertionError: expected 1 to be 2\n/)
  expect(failures[0]?.split('\n')).toHaveLength(13)
})

test('a run that failed outside its tests tells the error of the file', () => {
  const testResults = [{ name: 'a.test.ts', message: 'Cannot find module', assertionResults: [] }]
  expect(totalsOf({ testResults }, 1, all).failures).toEqual([
    'exit code 1, 0 tests passed\n    a.test.ts: Cannot find module',
  ])
})

test.each(['skipped', 'pending', 'todo'])('a test that is %s counts as failed', (status) => {
  expect(counts(report(['passed'], [status]), 0, all)).toEqual({ passed: 1, failed: 1 })
})

test('a test that the tags do not select is not counted', () => {
  const isSlow = (tags: readonly string[]) => tags.includes('slow')
  expect(counts(report(['passed', 'slow'], ['skipped']), 0, isSlow)).toEqual({ passed: 1, failed: 0 })
})

test.each([
  ['that failed outside its tests', report(['passed']), 1, { passed: 1, failed: 1 }],
  ['without tests', report(), 0, { passed: 0, failed: 1 }],
  ['without a report', undefined, 1, { passed: 0, failed: 1 }],
])('a run %s counts as one failure', (_, one, exitCode, totals) => {
  expect(counts(one, exitCode, all)).toEqual(totals)
})
