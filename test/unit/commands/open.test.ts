import { expect, test } from 'vitest'
import { openInBrowser, urlOf } from '../../../src/commands/open.ts'
import type { Preset } from '../../../src/presets/folder.ts'
import { presetRecords, requireAll } from '../../../src/up/presets/alongside.ts'
import { summaryText } from '../../../src/up/summary-text.ts'
import { fakeRunner } from '../../fakes/runner.ts'

const grafana = { name: 'grafana', version: '13', state: 'ready', reason: null, get: null } as const
const url = { name: 'grafana', url: 'http://grafana.localhost/', whileRunning: false }
const record = {
  name: 'todo',
  services: [{ name: 'frontend', workload: undefined, namespace: 'todo', url: 'http://localhost:30080' }],
  presets: [{ ...grafana, urls: [url] }],
}

test('the URL of a service and of a preset is found', () => {
  expect(urlOf(record, 'frontend')).toBe('http://localhost:30080')
  expect(urlOf(record, 'grafana')).toBe('http://grafana.localhost/')
})

test('a name without a URL is reported with the nearest name that has one', () => {
  expect(() => urlOf(record, 'grafna')).toThrow(expect.objectContaining({ hint: 'Did you mean "grafana"?' }))
})

const lost = {
  ...grafana,
  state: 'unavailable',
  reason: 'no package carries it',
  get: 'docker load it',
  changes: 0,
} as const

test('a preset has a host name only when the ingress is ready and mapped', () => {
  const own = { name: 'grafana', urls: [{ name: 'grafana', host: 'grafana.localhost', path: '/' }], ports: [] }
  const ingress = { ...grafana, name: 'ingress', changes: 0 }
  const all = [ingress, { ...grafana, changes: 0 }]
  const urls = (ports: { host: number; node: number }[], outcomes = all) =>
    presetRecords([own as unknown as Preset], outcomes, ports)
      .at(-1)
      ?.urls.map((each) => each.url)
  expect(urls([{ host: 8080, node: 80 }])).toEqual(['http://grafana.localhost:8080/'])
  expect(urls([])).toEqual([])
  expect(urls([{ host: 80, node: 80 }], all.slice(1))).toEqual([])
})

test('an unavailable preset has no URL, and open shows the reason and a fix', () => {
  const own = { name: 'grafana', urls: [{ name: 'grafana', host: 'grafana.localhost', path: '/' }], ports: [] }
  const outcomes = [{ ...grafana, name: 'ingress', changes: 0 }, lost]
  const presets = presetRecords([own as unknown as Preset], outcomes, [{ host: 80, node: 80 }])
  expect(presets.at(-1)?.urls).toEqual([])
  expect(() => urlOf({ ...record, presets }, 'grafana')).toThrow(
    expect.objectContaining({ message: 'grafana is unavailable: no package carries it', hint: 'docker load it' }),
  )
})

test('with --strict a preset that is not ready is an error', () => {
  expect(() => requireAll([{ ...grafana, changes: 1 }])).not.toThrow()
  expect(() => requireAll([lost])).toThrow(expect.objectContaining({ code: 'NOT_READY', exitCode: 3 }))
})

test('the summary of selected services names the others', () => {
  const summary = { services: 1, presets: [], externals: 0, rest: ['frontend'], changes: 0, background: null, ms: 900 }
  expect(summaryText({ ...summary, addresses: [], warnings: [], hints: [] }, false)).toBe(
    '✔ Ready in 900 ms   1 service, nothing changed\n  left as they are: frontend   (devk up brings up all)\n\n',
  )
})

test('the summary counts presets, and shows what an unavailable one needs', () => {
  const summary = {
    services: 2,
    presets: [grafana, lost],
    externals: 0,
    rest: [],
    changes: 1,
    background: null,
    ms: 1500,
    addresses: [],
    warnings: [],
    hints: [],
  }
  expect(summaryText(summary, false)).toBe(
    '✔ Ready in 1.5s   2 services, 1 of 2 presets\n\n! grafana is unavailable: no package carries it\n  → docker load it\n\n',
  )
})

test.each([
  ['wslview', { 'wslview http://localhost:1': '' }],
  ['explorer.exe', { 'wslview http://localhost:1': 127, 'explorer.exe http://localhost:1': 1 }],
])('in WSL a URL is opened in the browser of Windows by %s', async (_program, programs) => {
  const runner = fakeRunner(programs)
  const ctx = { runner, env: { WSL_DISTRO_NAME: 'Ubuntu' }, signal: new AbortController().signal }
  await openInBrowser(ctx, 'http://localhost:1', 'linux')
  expect(runner.calls).toEqual(Object.keys(programs))
})
