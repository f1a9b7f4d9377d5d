import { expect, test } from 'vitest'
import { findingLines } from '../../../../src/commands/doctor/text.ts'
import { findings } from '../../../../src/host/checks.ts'
import { healthy, withKernel } from '../../host/facts.ts'

const plain = { columns: 80, color: false }

test('a check that is fine has one line', () => {
  const lines = findingLines(findings(healthy), plain)
  expect(lines).toHaveLength(findings(healthy).length)
  expect(lines[0]).toBe('✔ Docker engine     26.1.5, linux/amd64')
})

test('a finding has its reason and its command below', () => {
  const found = findings(withKernel({ inotifyInstances: 128 })).filter(({ id }) => id === 'inotify')
  expect(findingLines(found, { ...plain, columns: 120 })).toEqual([
    '! inotify           128 instances',
    '                    five nodes need about 512 instances, and a large source tree needs one watch per folder',
    '                    fix: sysctl -w fs.inotify.max_user_instances=1024  (devk doctor --fix)',
  ])
})

test('the text fits 60 columns', () => {
  const facts = { ...withKernel({ openFiles: 1024 }), engine: { state: 'silent', installed: undefined } as const }
  const lines = findingLines(findings(facts), { ...plain, columns: 60 })
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
})
