import { expect, test } from 'vitest'
import { setClusterNames } from '../../../../src/stack/presets/cluster-names.ts'
import type { FakeKube } from '../../../fakes/kube.ts'
import { rolledOut, stackKube } from '../support.ts'

const named = { name: 'coredns', namespace: 'kube-system' }
const corefile = '.:53 {\n    kubernetes cluster.local\n}\n'
const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: named, data: { Corefile: corefile } }
const server = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: named,
  spec: { replicas: 1, template: { metadata: { annotations: {} }, spec: {} } },
  status: rolledOut,
}
const wanted = { hosts: ['api.example.com'], service: 'edge', namespace: 'in' }
const signal = new AbortController().signal
const set = (kube: FakeKube, hosts: typeof wanted | undefined) =>
  setClusterNames({ ingress: hosts ?? null }, { kube, timeoutMs: 1000, signal, clock: Date.now })
const file = (kube: FakeKube) =>
  (kube.peek({ apiVersion: 'v1', kind: 'ConfigMap', ...named })?.data as { Corefile?: string } | undefined)?.Corefile

test('the hosts are written once, then unchanged, then removed', async () => {
  const kube = stackKube({ objects: [map, server] })
  expect(await set(kube, wanted)).toBe(2)
  expect(file(kube)).toContain('edge.in.svc.cluster.local.')
  expect(await set(kube, wanted)).toBe(0)
  expect(kube.writes).toHaveLength(2)
  expect(await set(kube, undefined)).toBe(2)
  expect(file(kube)).toBe(corefile)
  expect(await set(kube, undefined)).toBe(0)
})

test('an up that ended before CoreDNS was restarted is continued', async () => {
  const kube = stackKube({ objects: [map, server] })
  await set(kube, wanted)
  kube.put(server)
  expect(await set(kube, wanted)).toBe(1)
})

test('a cluster without CoreDNS is not changed', async () => {
  const kube = stackKube({ objects: [] })
  expect(await set(kube, wanted)).toBe(undefined)
  expect(kube.writes).toEqual([])
})

test('each name has its own writer, and neither undoes what the other has written', async () => {
  const kube = stackKube({ objects: [map, server] })
  const options = { kube, timeoutMs: 1000, signal, clock: Date.now }
  expect(await setClusterNames({ host: true }, options)).toBe(2)
  expect(await set(kube, wanted)).toBe(2)
  expect(await setClusterNames({ host: true }, options)).toBe(0)
  expect(await set(kube, wanted)).toBe(0)
  expect(await setClusterNames({ ingress: null, host: null }, options)).toBe(2)
  expect(file(kube)).toBe(corefile)
})
