import { expect, test } from 'vitest'
import { ageOf, cpuText, graphOf, memoryText, partsOf, shortImage, summaryOf } from '../../../web/model.ts'
import { entry, stateOf, todo, withLocal } from '../../browser/support/states.ts'

test('parts are what the last up deployed, with what the cluster tells about them', () => {
  const parts = partsOf(todo)
  expect(parts.map(({ kind, name, state }) => `${kind} ${name} ${state}`)).toEqual([
    'service frontend ready',
    'service backend failed',
    'external postgres ready',
    'preset ingress ready',
  ])
  expect(parts[1]).toMatchObject({ workload: 'Deployment/backend', dependsOn: ['postgres'], restarts: 4 })
  expect(summaryOf(parts)).toBe('3 of 4 ready')
})

test('before the first answer of the cluster the parts are known, and their states are not', () => {
  const parts = partsOf({ ...todo, report: null })
  expect(parts.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'frontend unknown',
    'backend unknown',
    'postgres unknown',
    'ingress unknown',
  ])
  expect(parts[0]?.urls).toEqual(['http://todo.localhost:8080'])
})

test('what a part uses is that of the same kind and name', () => {
  const amount = { cpu: 120, memory: 2 ** 26 }
  const limits = { cpu: null, memory: null }
  const use = { name: 'backend', kind: 'service' as const, used: amount, requested: amount, limits, pods: [] }
  const usage = { project: 'todo', uses: [{ ...use, kind: 'preset' as const, used: null }, use], nodes: [] }
  expect(partsOf({ ...todo, usage })[1]?.usage?.used).toEqual(amount)
})

test.each(['javascript:alert(1)', 'data:text/html,x', 'localhost:15432', ''])('%s is no link', (url) => {
  const state = stateOf([entry('backend', { url })])
  expect(partsOf(state)[0]?.urls).toEqual([])
})

test('the topology leads from URLs to services and to what they need', () => {
  const { nodes, edges } = graphOf(partsOf(todo))
  expect(nodes.map(({ label }) => label)).toEqual(['http://todo.localhost:8080', 'frontend', 'backend', 'postgres'])
  expect(edges.map(({ from, to }) => `${from} → ${to}`)).toEqual([
    'url/service/frontend/http://todo.localhost:8080 → service/frontend',
    'service/frontend → service/backend',
    'service/backend → external/postgres',
  ])
})

test('a program of this machine is a part, with its URL and what it waits for', () => {
  const parts = partsOf(withLocal)
  expect(parts[2]).toMatchObject({ kind: 'local', name: 'web', state: 'ready', pods: [], usage: null })
  expect(summaryOf(parts)).toBe('4 of 5 ready')
  expect(graphOf(parts).edges).toEqual(
    expect.arrayContaining([
      { from: 'url/local/web/http://localhost:5173', to: 'local/web' },
      { from: 'local/web', to: 'service/backend' },
    ]),
  )
})

test('a dependency on a job, which is no part, draws nothing', () => {
  const state = stateOf([entry('backend')], { backend: ['migrate'] })
  expect(graphOf(partsOf(state)).edges).toEqual([])
})

test.each([
  ['localhost:5001/todo/backend:3f9c2a1bd4e5f607', 'backend:3f9c2a1'],
  ['docker.io/library/postgres:17', 'postgres:17'],
  ['postgres@sha256:3f9c2a1bd4e5f6073f9c2a1bd4e5f607', 'postgres@sha256:3f9c2a1'],
])('%s is shown as %s', (image, short) => {
  expect(shortImage(image)).toBe(short)
})

test('ages and amounts are short', () => {
  const now = Date.parse('2026-11-29T12:00:00Z')
  expect(ageOf('2026-11-29T11:59:18Z', now)).toBe('42 s')
  expect(ageOf('2026-11-29T12:00:09Z', now)).toBe('0 s')
  expect(ageOf('2026-11-29T11:01:00Z', now)).toBe('59 min')
  expect(ageOf('2026-11-28T11:00:00Z', now)).toBe('25 h')
  expect(ageOf('2026-11-26T11:00:00Z', now)).toBe('3 d')
  expect([cpuText(250), cpuText(1500), memoryText(2 ** 26), memoryText(1.5 * 2 ** 30)]).toEqual([
    '250m',
    '1.5',
    '64 MiB',
    '1.5 GiB',
  ])
})
