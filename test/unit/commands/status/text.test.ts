import { expect, test } from 'vitest'
import type { StatusReport } from '../../../../src/commands/status/report.ts'
import { statusText } from '../../../../src/commands/status/text.ts'

const cluster = {
  provider: 'kind',
  name: 'shop',
  context: 'kind-shop',
  kubeconfig: '/k',
  state: 'running',
  nodes: [],
} as const

test('warnings are at the end, and there are none when all is fine', () => {
  const report: StatusReport = {
    ...{ project: 'shop', cluster, services: [], presets: [], externals: [], locals: [], forwards: [] },
    warnings: ['Service shop/web is a LoadBalancer without an address'],
  }
  const text = (warnings: readonly string[]) =>
    statusText({ ...report, warnings }, { columns: 80, color: false, now: 0 })
  expect(text(report.warnings)).toMatch(/\n\n {2}! Service shop\/web is a LoadBalancer without an address\n$/)
  expect(text([])).not.toContain('!')
})

test('programs of this machine have a section of their own', () => {
  const locals: StatusReport['locals'] = [
    { name: 'web', state: 'running', reason: null, dependsOn: [], urls: ['http://localhost:5173'] },
    { name: 'worker', state: 'failed', reason: 'exit code 1', dependsOn: [], urls: [] },
  ]
  const parts = { services: [], presets: [], externals: [], locals, forwards: [], warnings: [] }
  const text = statusText({ project: 'shop', cluster, ...parts }, { columns: 80, color: false, now: 0 })
  expect(text).toMatch(
    /\nON THIS MACHINE\n {2}web {2}http:\/\/localhost:5173 {2}running\n {2}worker {2}failed \(exit code 1\)\n$/,
  )
})
