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
    ...{ project: 'shop', cluster, services: [], presets: [], externals: [], locals: [], forwards: [], session: null },
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
  const parts = { services: [], presets: [], externals: [], locals, forwards: [], session: null, warnings: [] }
  const text = statusText({ project: 'shop', cluster, ...parts }, { columns: 80, color: false, now: 0 })
  expect(text).toMatch(
    /\nON THIS MACHINE\n {2}web {2}http:\/\/localhost:5173 {2}running\n {2}worker {2}failed \(exit code 1\)\n$/,
  )
})

test('the devk that stays with the stack is named, and how to reach one without a terminal', () => {
  const parts = { services: [], presets: [], externals: [], locals: [], forwards: [], warnings: [] }
  const since = new Date(0).toISOString()
  const text = (background: boolean, command: string) => {
    const session = { command, pid: 7, since, phase: 'up', background } as const
    return statusText({ project: 'shop', cluster, ...parts, session }, { columns: 120, color: false, now: 60_000 })
  }
  expect(text(true, 'devk up --keep')).toMatch(
    /\nSESSION\n {2}devk up --keep {2}in the background, pid 7, for 1m 0s: watches and forwards {3}\(devk attach, devk stop\)\n$/,
  )
  expect(text(false, 'devk dev')).toMatch(/\n {2}devk dev {2}pid 7, for 1m 0s: watches and forwards\n$/)
})
