import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { relocation } from '../../../src/manifests/relocate.ts'

const of = (kind: string, name: string, namespace?: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...more,
})

const objects = [
  of('Namespace', 'shop', undefined),
  of('Namespace', 'data', undefined),
  of('Service', 'db', 'data'),
  of('Service', 'web', 'shop'),
  of('ConfigMap', 'dns', 'kube-system'),
]
const move = relocation(objects, { main: 'shop', target: 'ada-shop' })

test('the main namespace becomes the developer’s, others get it as a prefix, and those of Kubernetes stay', () => {
  expect(['shop', 'data', 'kube-system', 'elsewhere'].map((name) => move.of(name))).toEqual([
    ...['ada-shop', 'ada-shop-data', 'kube-system', 'elsewhere'],
  ])
  expect(objects.map((object) => move.object(object).metadata)).toEqual([
    { name: 'ada-shop' },
    { name: 'ada-shop-data' },
    { name: 'db', namespace: 'ada-shop-data' },
    { name: 'web', namespace: 'ada-shop' },
    { name: 'dns', namespace: 'kube-system' },
  ])
})

test.each([
  ['http://db.data.svc:5432', 'http://db.ada-shop-data.svc:5432'],
  ['other.data.svc.cluster.local', 'other.ada-shop-data.svc.cluster.local'],
  ['postgres://u:p@db.data:5432/x', 'postgres://u:p@db.ada-shop-data:5432/x'],
  ['web.shop', 'web.ada-shop'],
  ['my-db.data.example.com', 'my-db.data.example.com'],
  ['db.data.example.com', 'db.data.example.com'],
  ['web.shop-assets', 'web.shop-assets'],
  ['registry/shop/web:1', 'registry/shop/web:1'],
  ['shop', 'shop'],
])('in a text, %s becomes %s', (before, after) => {
  const object = of('ConfigMap', 'settings', 'shop', { data: { url: before } })
  expect(move.object(object).data).toEqual({ url: after })
})

test('references to namespaces change with them', () => {
  const spec = {
    subjects: [{ kind: 'ServiceAccount', name: 'a', namespace: 'data' }],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' }, matchNames: ['data', 'other'] },
    terms: [{ namespaces: ['shop'], key: 'kubernetes.io/metadata.name', values: ['data'] }],
    others: [{ key: 'app', values: ['data'] }],
  }
  expect(move.object(of('Any', 'x', 'shop', { spec })).spec).toEqual({
    subjects: [{ kind: 'ServiceAccount', name: 'a', namespace: 'ada-shop-data' }],
    namespaceSelector: {
      matchLabels: { 'kubernetes.io/metadata.name': 'ada-shop' },
      matchNames: ['ada-shop-data', 'other'],
    },
    terms: [{ namespaces: ['ada-shop'], key: 'kubernetes.io/metadata.name', values: ['ada-shop-data'] }],
    others: [{ key: 'app', values: ['data'] }],
  })
})

test.each([
  ['https://kubernetes.default.svc', 'https://kubernetes.default.svc'],
  ['kubernetes.default.svc.cluster.local:443', 'kubernetes.default.svc.cluster.local:443'],
  ['kubernetes.default', 'kubernetes.default'],
  ['prometheus.monitoring.svc:9090', 'prometheus.monitoring.svc:9090'],
  ['http://web.default.svc', 'http://web.ada-shop.svc'],
  ['web.default:80', 'web.ada-shop:80'],
  ['web-0.web.default.svc.cluster.local', 'web-0.web.ada-shop.svc.cluster.local'],
  ['my-web.default.svc', 'my-web.default.svc'],
  ['db.default.svc', 'db.ada-shop.svc'],
  ['rules.monitoring.svc', 'rules.ada-shop-monitoring.svc'],
])('with manifests of no namespace, %s becomes %s', (before, after) => {
  const manifests = [of('Service', 'web'), of('Service', 'rules', 'monitoring')]
  const relocated = relocation(manifests, { main: 'default', target: 'ada-shop', added: ['db'] })
  expect(relocated.object(of('ConfigMap', 'settings', undefined, { data: { url: before } })).data).toEqual({
    url: after,
  })
})
