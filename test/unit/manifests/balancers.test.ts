import { describe, expect, test } from 'vitest'
import { balancedPorts } from '../../../src/config/ports.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { balanced, balancerProblems } from '../../../src/manifests/balancers.ts'
import { configOf } from '../stack/support.ts'

const service = (name: string, spec: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { type: 'LoadBalancer', ports: [{ port: 80, targetPort: 8000 }, { port: 443 }], ...spec },
})
const portsFor = (loadBalancers: object, ports: readonly unknown[] = []) =>
  balancedPorts(configOf({ cluster: { ports, loadBalancers } }).cluster)

describe('node ports', () => {
  test('each mapping gets a node port that the API server does not assign itself', () => {
    expect(portsFor({ web: ['8080:80', '8443:443'], api: 8000 })).toEqual([
      { service: 'web', port: 80, host: 8080, nodePort: 30085 },
      { service: 'web', port: 443, host: 8443, nodePort: 30084 },
      { service: 'api', port: 8000, host: 8000, nodePort: 30083 },
    ])
  })

  test('a node port that the configuration maps is not changed', () => {
    expect(portsFor({ web: '8080:80' }, [30085, '9000:30084']).map(({ nodePort }) => nodePort)).toEqual([30083])
  })
})

describe('a Service', () => {
  test('gets the node port of its mapping, and keeps its other ports', () => {
    const mapped = balanced(service('web'), portsFor({ web: '8080:80' }))
    expect(mapped?.spec).toEqual({
      type: 'LoadBalancer',
      ports: [{ port: 80, targetPort: 8000, nodePort: 30085 }, { port: 443 }],
    })
  })

  test('of another name, namespace or type is not changed', () => {
    expect(balanced(service('other'), portsFor({ web: '8080:80' }))).toBeUndefined()
    expect(balanced(service('web'), portsFor({ 'elsewhere/web': '8080:80' }))).toBeUndefined()
    expect(balanced(service('web', { type: 'ClusterIP' }), portsFor({ web: '8080:80' }))).toBeUndefined()
    expect(balanced(service('web'), portsFor({ 'shop/web': '8080:80' }))).toBeDefined()
  })
})

test('a mapping without a Service is reported with the existing ones', () => {
  const objects = [service('web'), service('cache', { type: 'ClusterIP' })]
  expect(balancerProblems(objects, portsFor({ web: '8080:80' }))).toEqual([])
  expect(balancerProblems(objects, portsFor({ wbe: '1:80', cache: '2:80', web: '3:81' }))).toEqual([
    'cluster.loadBalancers.wbe: no Service of type LoadBalancer; did you mean "web"?',
    'cluster.loadBalancers.cache: no Service of type LoadBalancer; the manifests have web',
    'cluster.loadBalancers.web: the Service has no port 81; it has 80, 443',
  ])
})
