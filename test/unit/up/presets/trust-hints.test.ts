import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { trustHints } from '../../../../src/up/presets/trust-hints.ts'

const paths = { authority: '/d/ca', hostsAuthority: '/d/ca-hosts' }
const ports = [{ node: 443, host: 8443 }]
const ingress = (...hosts: string[]): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web' },
  spec: { tls: [{ hosts, secretName: 'web-tls' }] },
})

test.each([
  [['app.example.com', 'shop.test', 'shop.localhost'], /ca\/ca\.crt https:\/\/shop\.localhost:8443/],
  [['app.example.com', 'shop.test'], /ca\/ca\.crt .*https:\/\/shop\.test/],
  [['accounts.google.com', 'app.example.com'], /ca-hosts\/ca\.crt .*https:\/\/app\.example\.com/],
])('of %j, the hint names a host with a certificate and its authority', (hosts, hint) => {
  expect(trustHints(paths, [ingress(...hosts)], ports, ['example.com'])).toEqual([expect.stringMatching(hint)])
})

test('there is no hint without a host that has a certificate', () => {
  expect(trustHints(paths, [ingress('accounts.google.com', '*.localhost')], ports, [])).toEqual([])
  expect(trustHints(paths, [ingress('shop.localhost')], [], [])).toEqual([])
})
