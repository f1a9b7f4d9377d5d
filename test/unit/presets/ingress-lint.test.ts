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
    'Ingress web: limit-rate has no effect; limit-rps limits requests, not bytes',
  ])
})

test('a canary by annotation needs Traefik 3.7', () => {
  const canary = ingress({ canary: 'true', 'canary-weight': '20' })
  expect(ingressWarnings([canary], '3.7.11')).toEqual([])
  expect(ingressWarnings([canary], 'v3.6.12')).toEqual([
    'Ingress web: canary needs Traefik 3.7, this is v3.6.12',
    'Ingress web: canary-weight needs Traefik 3.7, this is v3.6.12',
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
  const taken = (path: string, by: string) =>
    `Ingress web: the exact path ${path} is taken by the prefix ${by}, whose rule Traefik puts first; pathType: Prefix reaches it`
  const of = (...objects: KubeObject[]) => ingressWarnings(objects, '3.7.11')
  expect(of(paths('a', ['Prefix', '/'], ['Exact', '/exact']))).toEqual([taken('/exact', '/')])
  expect(of(paths('a', ['Prefix', '/'], ['Exact', '/healthz']))).toEqual([])
  expect(of(paths('a', ['Prefix', '/api'], ['Exact', '/api/health']))).toEqual([taken('/api/health', '/api')])
  expect(of(paths('a', ['Prefix', '/api'], ['Exact', '/apis/health']))).toEqual([])
  expect(of(paths('a', ['Prefix', '/']), paths('b', ['Exact', '/x']))).toEqual([])
  expect(of(paths('a', ['Prefix', '/']), paths('a', ['Exact', '/x']))).toEqual([taken('/x', '/')])
})
