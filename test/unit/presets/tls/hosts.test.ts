import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { certificateSlots, servedHosts, uncoveredHosts } from '../../../../src/presets/tls/hosts.ts'

const object = (apiVersion: string, kind: string, name: string, spec: object): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop' },
  spec,
})
const ingress = (spec: object) => object('networking.k8s.io/v1', 'Ingress', 'web', spec)
const gateway = (listeners: object[]) => object('gateway.networking.k8s.io/v1', 'Gateway', 'edge', { listeners })

test('the hosts of an Ingress come from its TLS entry, or from its rules', () => {
  const rules = [{ host: 'shop.localhost' }, { host: 'api.localhost' }]
  expect(certificateSlots([ingress({ rules, tls: [{ secretName: 'web-tls', hosts: ['shop.localhost'] }] })])).toEqual([
    { namespace: 'shop', secret: 'web-tls', hosts: ['shop.localhost'] },
  ])
  expect(certificateSlots([ingress({ rules, tls: [{ secretName: 'web-tls' }] })])).toEqual([
    { namespace: 'shop', secret: 'web-tls', hosts: ['api.localhost', 'shop.localhost'] },
  ])
})

test('two Ingresses that name one Secret share a certificate for all their hosts', () => {
  const one = ingress({ tls: [{ secretName: 'all', hosts: ['b.localhost'] }] })
  const two = ingress({ tls: [{ secretName: 'all', hosts: ['a.localhost', 'b.localhost'] }] })
  expect(certificateSlots([one, two])).toEqual([
    { namespace: 'shop', secret: 'all', hosts: ['a.localhost', 'b.localhost'] },
  ])
})

test('a Secret of the project gets no certificate', () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web-tls', namespace: 'shop' } }
  expect(certificateSlots([ingress({ tls: [{ secretName: 'web-tls', hosts: ['a.localhost'] }] }), secret])).toEqual([])
})

test('the hosts of a Gateway come from its listener, or from its routes', () => {
  const tls = { certificateRefs: [{ name: 'edge-tls' }, { kind: 'Other', name: 'x' }] }
  const route = (parent: string, host: string) =>
    object('gateway.networking.k8s.io/v1', 'HTTPRoute', host, { parentRefs: [{ name: parent }], hostnames: [host] })
  const routes = [route('edge', 'one.example.com'), route('other', 'two.example.com')]
  expect(certificateSlots([gateway([{ hostname: '*.example.com', tls }]), ...routes])).toEqual([
    { namespace: 'shop', secret: 'edge-tls', hosts: ['*.example.com'] },
  ])
  expect(certificateSlots([gateway([{ tls }]), ...routes])).toEqual([
    { namespace: 'shop', secret: 'edge-tls', hosts: ['one.example.com'] },
  ])
})

test('the hosts of a Certificate are its DNS names', () => {
  const spec = {
    secretName: 'api-tls',
    commonName: 'api.example.com',
    dnsNames: ['api.example.com', 'www.example.com'],
  }
  expect(certificateSlots([object('cert-manager.io/v1', 'Certificate', 'api', spec)])).toEqual([
    { namespace: 'shop', secret: 'api-tls', hosts: ['api.example.com', 'www.example.com'] },
  ])
})

test('hosts without a Secret and hosts of URLs are collected, without addresses and localhost', () => {
  const objects = [
    ingress({ rules: [{ host: 'a.localhost' }, {}], tls: [{ secretName: 'x', hosts: ['b.localhost'] }] }),
    ingress({ rules: [{ host: 'c.localhost' }], tls: [{ hosts: ['c.localhost'] }] }),
  ]
  const urls = [
    'http://localhost:8080',
    'https://d.localhost:8443/x',
    'e.localhost',
    'http://127.0.0.1',
    'http://[::1]/',
  ]
  expect(servedHosts(objects, [])).toEqual(['a.localhost', 'b.localhost', 'c.localhost'])
  expect(uncoveredHosts(objects, urls)).toEqual(['a.localhost', 'c.localhost', 'd.localhost', 'e.localhost'])
})
