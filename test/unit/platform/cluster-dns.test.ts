import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { withClusterDns } from '../../../src/platform/cluster-dns.ts'
import { type FakeKube, fakeKube } from '../../fakes/kube.ts'

const node = { name: 'node', role: 'control-plane', container: 'node', running: true } as const
const named = (name: string, labels: Record<string, string>) => ({ name, namespace: 'kube-system', labels })
const service = { apiVersion: 'v1', kind: 'Service', metadata: named('kube-dns', { 'k8s-app': 'kube-dns' }) }
const slice = (...ready: (boolean | undefined)[]) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: named('kube-dns-abc', { 'kubernetes.io/service-name': 'kube-dns' }),
  endpoints: ready.map((each) => ({ conditions: { ready: each } })),
})

function cluster(...objects: Parameters<FakeKube['put']>[0][]): FakeKube {
  return fakeKube({ kinds: { 'discovery.k8s.io/v1 EndpointSlice': true }, objects })
}

function waiting(kube: FakeKube, work: () => Promise<string>, timeoutMs = 30_000, nodes = [node]) {
  const reasons: (string | undefined)[] = []
  const { signal } = new AbortController()
  const onReason = (reason: string | undefined) => reasons.push(reason)
  return { reasons, done: withClusterDns({ kube, nodes, timeoutMs, signal, onReason }, work) }
}

test('work that ends before the DNS has a ready pod is not over before that', async () => {
  const kube = cluster(service, slice(false))
  const { reasons, done } = waiting(kube, async () => 'up')
  await vi.waitFor(() => expect(reasons).toEqual(['Service kube-system/kube-dns has no ready pod yet']))
  expect(await Promise.race([done, sleep(300, 'waits')])).toBe('waits')
  kube.put(slice(false, true))
  expect([await done, reasons.at(-1)]).toEqual(['up', undefined])
})

test.each([
  ['has a ready pod', cluster(service, slice(true))],
  ['has a pod whose readiness is unknown', cluster(service, slice(undefined))],
  ['is not a Service of kube-system', cluster()],
])('nothing is waited for when the DNS %s', async (_, kube) => {
  const { reasons, done } = waiting(kube, async () => 'up')
  expect([await done, reasons]).toEqual(['up', []])
})

test('nothing is asked of a cluster whose nodes are on other machines', async () => {
  const kube = cluster(service)
  const elsewhere = [{ ...node, container: undefined }] as unknown as (typeof node)[]
  expect(await waiting(kube, async () => 'up', 30_000, elsewhere).done).toBe('up')
  expect(kube.reads).toEqual([])
})

test('a DNS that never starts is NOT_READY, and work that fails is reported first', async () => {
  const never = waiting(cluster(service), async () => 'up', 0)
  await expect(never.done).rejects.toMatchObject({
    code: 'NOT_READY',
    message: expect.stringContaining('no ready pod'),
  })
  const failing = waiting(cluster(service), async () => Promise.reject(new Error('no image')))
  await expect(failing.done).rejects.toThrow('no image')
})
