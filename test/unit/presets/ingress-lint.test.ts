import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { ingressWarnings } from '../../../src/presets/ingress-lint.ts'

function ingress(annotations: Record<string, string>): KubeObject {
  const named = Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
  )
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web', annotations: named } }
}

test('an annotation without effect is reported with an alternative', () => {
  expect(ingressWarnings([ingress({ 'limit-rate': '100', 'ssl-redirect': 'true' })], '3.7.11')).toEqual([
    'Ingress web: limit-rate has no effect; limit-rps limits requests instead of bytes',
  ])
})

test('a canary by annotation needs Traefik 3.7', () => {
  const canary = ingress({ canary: 'true', 'canary-weight': '20' })
  expect(ingressWarnings([canary], '3.7.11')).toEqual([])
  expect(ingressWarnings([canary], 'v3.6.12')).toEqual([
    'Ingress web: canary needs Traefik 3.7, but v3.6.12 is installed',
    'Ingress web: canary-weight needs Traefik 3.7, but v3.6.12 is installed',
  ])
})

test('other kinds and other annotations are ignored', () => {
  const service = { ...ingress({ satisfy: 'any' }), kind: 'Service', apiVersion: 'v1' }
  const other = { ...ingress({}), metadata: { name: 'x', annotations: { 'cert-manager.io/cluster-issuer': 'ca' } } }
  expect(ingressWarnings([service, other], '3.7.11')).toEqual([])
})

test('an exact path whose rule is not longer than that of a prefix is reported', () => {
  const paths = (host: string, ...all: [string, string][]): KubeObject => ({
    ...ingress({}),
    spec: { rules: [{ host, http: { paths: all.map(([pathType, path]) => ({ pathType, path })) } }] },
  })
  const hidden = (path: string, by: string) =>
    `Ingress web: Traefik never reaches the exact path ${path}, because it tries the prefix ${by} first; use pathType: Prefix`
  const of = (...objects: KubeObject[]) => ingressWarnings(objects, '3.7.11')
  expect(of(paths('a', ['Prefix', '/'], ['Exact', '/exact']))).toEqual([hidden('/exact', '/')])
  expect(of(paths('a', ['Prefix', '/'], ['Exact', '/healthz']))).toEqual([])
  expect(of(paths('a', ['Prefix', '/api'], ['Exact', '/api/health']))).toEqual([hidden('/api/health', '/api')])
  expect(of(paths('a', ['Prefix', '/api'], ['Exact', '/apis/health']))).toEqual([])
  expect(of(paths('a', ['Prefix', '/']), paths('b', ['Exact', '/x']))).toEqual([])
  expect(of(paths('a', ['Prefix', '/']), paths('a', ['Exact', '/x']))).toEqual([hidden('/x', '/')])
})

test.each([
  ['a rule without a host', { rules: [{ host: 'a.localhost' }, { http: { paths: [] } }] }],
  ['an empty host', { rules: [{ host: '' }] }],
  ['a default backend', { defaultBackend: { service: { name: 'web', port: { number: 80 } } } }],
])('an Ingress that answers to every host is reported: %s', (_what, spec) => {
  expect(ingressWarnings([{ ...ingress({}), spec }], '3.7.11')).toEqual([
    'Ingress web: without a host it answers to every web page whose name leads to this machine; name a host, such as web.localhost',
  ])
})

test('an Ingress whose rules all have a host is not reported', () => {
  const spec = { rules: [{ host: 'a.localhost' }, { host: '*.b.test' }] }
  expect(ingressWarnings([{ ...ingress({}), spec }], '3.7.11')).toEqual([])
})

test.each<[object, number]>([
  [{ parentRefs: [{ name: 'gateway' }] }, 1],
  [{ parentRefs: [{ kind: 'Gateway', name: 'gateway' }], hostnames: [] }, 1],
  [{ parentRefs: [{ name: 'gateway' }], hostnames: ['a.localhost'] }, 0],
  [{ parentRefs: [{ kind: 'Service', name: 'web' }] }, 0],
])('the HTTPRoute %j gives %i warnings', (spec, count) => {
  const route = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'web' }, spec }
  expect(ingressWarnings([route], '3.7.11')).toHaveLength(count)
})
