import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { labels } from '../../../src/lib/keys.ts'
import { serviceWarnings } from '../../../src/stack/service-warnings.ts'
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

test('a LoadBalancer without an address is reported with what provides one; others and those of presets are not', async () => {
  const warnings = (provider: 'kind' | 'existing') =>
    serviceWarnings(fakeKube({ objects }), 'shop', provider, AbortSignal.timeout(5000))
  expect(await warnings('kind')).toEqual([
    "Service shop/web is a LoadBalancer without an address: set cluster.loadBalancers: { web: '8080:80' }",
    "Service shop/web-admin is a LoadBalancer without an address: set cluster.loadBalancers: { 'web-admin': '8443:8443' }",
  ])
  expect((await warnings('existing'))[0]).toMatch(/the cluster has not assigned one yet/)
})

test('a Service that devk swap leads to a program is named, with the way back', async () => {
  const swapped = service('api', 'ClusterIP')
  swapped.metadata.annotations = { 'devk.dev/swap': '{}' }
  const kube = fakeKube({ objects: [swapped, service('web', 'ClusterIP')] })
  expect(await serviceWarnings(kube, 'shop', 'kind', AbortSignal.timeout(5000))).toEqual([
    'Service shop/api leads to a program of a machine, not to its pods (devk swap). If that devk is gone, devk up leads it back.',
  ])
})
