import { expect, test } from 'vitest'
import { nameHost } from '../../../src/up/host-name.ts'
import { configOf, rolledOut, stackKube } from '../stack/support.ts'

const named = { name: 'coredns', namespace: 'kube-system' }
const map = (corefile: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: named,
  data: { Corefile: corefile },
})
const server = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: named,
  spec: { replicas: 1, template: { metadata: { annotations: {} }, spec: {} } },
  status: rolledOut,
}
const usual = '.:53 {\n    kubernetes cluster.local\n}\n'
const { signal } = new AbortController()
const locals = { web: { command: ['vite'], ports: [5173] } }

async function naming(config: Parameters<typeof configOf>[0], corefile = usual) {
  const kube = stackKube({ objects: [map(corefile), server] })
  const { changes, notes, ready } = await nameHost(configOf(config), { kube, timeoutMs: 1000, signal, clock: Date.now })
  await ready()
  return { changes, notes, writes: kube.writes.length }
}

test('a program with a port gets the cluster to know the name of this machine', async () => {
  expect(await naming({ locals })).toEqual({ changes: 2, notes: [], writes: 2 })
})

test.each([
  ['without programs', {}],
  ['with programs that have no port', { locals: { web: { command: ['vite'] } } }],
  ['in a cluster that has other users', { locals, cluster: { provider: 'existing' as const, context: 'c' } }],
])('nothing is changed %s', async (_name, config) => {
  expect(await naming(config)).toEqual({ changes: 0, notes: [], writes: 0 })
})

test('a cluster with another name server gets a note', async () => {
  const { notes, writes } = await naming({ locals }, '.:53 {\n    forward . 1.1.1.1\n}\n')
  expect(writes).toBe(0)
  expect(notes).toEqual([
    'Pods cannot resolve host.devk.internal: the cluster has no CoreDNS with the configuration of kubeadm',
  ])
})
