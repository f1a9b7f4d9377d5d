import { expect, test } from 'vitest'
import type { LoadedConfig } from '../../../src/config/schema.ts'
import { configSchema } from '../../../src/config/schema.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { unservedPorts } from '../../../src/up/mapped-ports.ts'

const configOf = (ports: (number | string)[], more: object = {}) =>
  configSchema.parse({ name: 'shop', cluster: { ports }, ...more }) as unknown as LoadedConfig

const web: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] },
}

const pod = (spec: object): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'edge', namespace: 'shop' },
  spec: { template: { spec } },
})

test('a mapping to a port on which nothing listens is named, with the node ports that exist', () => {
  expect(unservedPorts(configOf(['8080:80']), [web])).toEqual([
    'cluster.ports maps 8080 to port 80 of the node, on which no manifest listens. ' +
      'Node ports: Service shop/web has 30080.',
  ])
  expect(unservedPorts(configOf([8080]), [])).toEqual([
    'cluster.ports maps 8080 to port 8080 of the node, on which no manifest listens. ' +
      'No Service has a fixed node port.',
  ])
})

test.each([
  ['a node port', [web], '8080:30080'],
  ['a host port', [pod({ containers: [{ name: 'a', ports: [{ containerPort: 8080, hostPort: 80 }] }] })], '8080:80'],
  [
    'a port in the network of the node',
    [pod({ hostNetwork: true, containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] })],
    '8080:80',
  ],
])('a mapping to %s is right', (_name, objects, mapping) => {
  expect(unservedPorts(configOf([mapping]), objects)).toEqual([])
})

test('a project with presets may map the ports of these', () => {
  expect(unservedPorts(configOf(['8080:80'], { presets: ['ingress'] }), [])).toEqual([])
})
