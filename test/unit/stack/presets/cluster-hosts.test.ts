import { expect, test } from 'vitest'
import { setClusterHosts } from '../../../../src/stack/presets/cluster-hosts.ts'
import { fakeKube } from '../../../fakes/kube.ts'
import { rolledOut } from '../support.ts'

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
const how = { timeoutMs: 1000, signal: new AbortController().signal }
const file = (kube: ReturnType<typeof fakeKube>) =>
  (kube.peek({ apiVersion: 'v1', kind: 'ConfigMap', ...named })?.data as { Corefile?: string } | undefined)?.Corefile

test('written once, then left alone, then taken out again', async () => {
  const kube = fakeKube({ objects: [map, server] })
  expect(await setClusterHosts(kube, wanted, how)).toBe(2)
  expect(file(kube)).toContain('edge.in.svc.cluster.local.')
  expect(await setClusterHosts(kube, wanted, how)).toBe(0)
  expect(kube.writes).toHaveLength(2)
  expect(await setClusterHosts(kube, undefined, how)).toBe(2)
  expect(file(kube)).toBe(corefile)
  expect(await setClusterHosts(kube, undefined, how)).toBe(0)
})

test('an up that ended before the server was told goes on where it was', async () => {
  const kube = fakeKube({ objects: [map, server] })
  await setClusterHosts(kube, wanted, how)
  kube.put(server)
  expect(await setClusterHosts(kube, wanted, how)).toBe(1)
})

test('a cluster that resolves names in another way is left alone', async () => {
  const kube = fakeKube({ objects: [] })
  expect(await setClusterHosts(kube, wanted, how)).toBe(undefined)
  expect(kube.writes).toEqual([])
})
