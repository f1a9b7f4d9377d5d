import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { labels } from '../../../src/lib/keys.ts'
import { withoutAddress } from '../../../src/stack/balancers.ts'
import { fakeKube } from '../../fakes/kube.ts'

const service = (name: string, type: string, more: object = {}, extra: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop', labels: { [labels.project]: 'shop', ...extra } },
  spec: { type, ports: [{ port: 80 }] },
  ...more,
})
const answered = { status: { loadBalancer: { ingress: [{ hostname: 'localhost' }] } } }
const objects = [
  service('web', 'LoadBalancer'),
  service('web-admin', 'LoadBalancer', {
    status: { loadBalancer: {} },
    spec: { type: 'LoadBalancer', ports: [{ port: 8443 }] },
  }),
  service('mapped', 'LoadBalancer', answered),
  service('inside', 'ClusterIP'),
  service('traefik', 'LoadBalancer', {}, { [labels.preset]: 'ingress' }),
]

test('a LoadBalancer without an address is told, with what gives it one; what has one, or is of a preset, is not', async () => {
  const told = (provider: 'kind' | 'existing') =>
    withoutAddress(fakeKube({ objects }), 'shop', provider, AbortSignal.timeout(5000))
  expect(await told('kind')).toEqual([
    "Service shop/web is a LoadBalancer without an address: cluster.loadBalancers: { web: '8080:80' } answers for it here",
    "Service shop/web-admin is a LoadBalancer without an address: cluster.loadBalancers: { 'web-admin': '8443:8443' } answers for it here",
  ])
  expect((await told('existing'))[0]).toMatch(/the cluster has not given it one/)
})
