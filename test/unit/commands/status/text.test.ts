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
    ...{ project: 'shop', cluster, services: [], presets: [], externals: [], forwards: [] },
    warnings: ['Service shop/web is a LoadBalancer without an address'],
  }
  const text = (warnings: readonly string[]) =>
    statusText({ ...report, warnings }, { columns: 80, color: false, now: 0 })
  expect(text(report.warnings)).toMatch(/\n\n {2}! Service shop\/web is a LoadBalancer without an address\n$/)
  expect(text([])).not.toContain('!')
})
