import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { withHttps } from '../../../../src/presets/tls/objects.ts'

const http = { name: 'http', protocol: 'HTTP', port: 80, allowedRoutes: { namespaces: { from: 'All' } } }
const object = (kind: string, ...listeners: object[]): KubeObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind,
  metadata: { name: 'gateway' },
  spec: { gatewayClassName: 'traefik', listeners },
})

test('a Gateway gets an HTTPS listener with the Secret of the hosts, for routes of every namespace', () => {
  expect(withHttps(object('Gateway', http)).spec).toEqual({
    gatewayClassName: 'traefik',
    listeners: [
      http,
      {
        name: 'https',
        protocol: 'HTTPS',
        port: 443,
        tls: { mode: 'Terminate', certificateRefs: [{ name: 'devk-hosts' }] },
        allowedRoutes: { namespaces: { from: 'All' } },
      },
    ],
  })
})

test('a Gateway with such a listener and other kinds do not change', () => {
  const own = object('Gateway', http, { name: 'secure', protocol: 'HTTPS', port: 443 })
  expect(withHttps(own)).toBe(own)
  const named = object('Gateway', { name: 'https', protocol: 'HTTPS', port: 8443 })
  expect(withHttps(named)).toBe(named)
  const other = object('HTTPRoute')
  expect(withHttps(other)).toBe(other)
})
