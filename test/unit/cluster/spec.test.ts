import { expect, test } from 'vitest'
import { nodeImageFor } from '../../../src/cluster/node-image.ts'
import { shapeDrift, shapeOf } from '../../../src/cluster/shape.ts'
import { clusterSpec } from '../../../src/cluster/spec.ts'
import { parseConfig } from '../../../src/config/parse.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { spec } from './support.ts'

function specOf(cluster: object) {
  const { config } = parseConfig({ name: 'todo', cluster })
  if (config === undefined) throw new Error('refused')
  return clusterSpec(resolveConfig(config, '/p/platform.config.ts', '/p'), 'default:1')
}

test.each([
  ['nothing', {}, { name: 'todo', image: 'default:1', ports: [], nodes: [['control-plane', {}, []]] }],
  [
    'groups',
    {
      name: 'n',
      image: 'mine:1',
      ports: [30080, '8080:80'],
      workers: [
        { count: 2, zone: 'a' },
        { labels: { x: 'y' }, taints: ['k:NoExecute'] },
      ],
    },
    {
      name: 'n',
      image: 'mine:1',
      ports: [
        { host: 30080, node: 30080 },
        { host: 8080, node: 80 },
      ],
      nodes: [
        ['control-plane', {}, []],
        ['worker', { 'topology.kubernetes.io/zone': 'a' }, []],
        ['worker', { 'topology.kubernetes.io/zone': 'a' }, []],
        ['worker', { x: 'y' }, ['k:NoExecute']],
      ],
    },
  ],
])('the spec of a cluster comes from its configuration: %s', (_, cluster, expected) => {
  const { name, image, ports, nodes } = specOf(cluster)
  expect({ name, image, ports, nodes: nodes.map(({ role, labels, taints }) => [role, labels, taints]) }).toEqual(
    expected,
  )
})

test.each([
  [{}, {}, []],
  [{ workers: 1 }, { workers: 3 }, ['it has 1 worker, not 3']],
  [
    { workers: [{ zone: 'a' }] },
    { workers: [{ zone: 'b' }] },
    ['labels, zones, taints or sizes of its workers differ'],
  ],
  [{ ports: [1, 2] }, { ports: ['3:2', 1] }, ['it does not map 3:2', 'it maps 2:2']],
  [{ podSubnet: '10.0.0.0/8' }, {}, ['its podSubnet differs']],
  [{}, { encryptSecrets: true }, ['its encryptSecrets differs']],
  [{}, { encryptSecrets: false }, []],
])('a cluster created as %o and wanted as %o differs', (before, now, drift) => {
  expect(shapeDrift(shapeOf(specOf(before)), specOf(now))).toEqual(drift)
})

test('a new default image is no difference', () => {
  expect(shapeDrift(shapeOf(spec({ image: 'node:1' })), spec({ image: 'node:2' }))).toEqual([])
  const pinned = spec({ image: 'node:2', pinned: { image: 'node:2', kubernetesVersion: undefined } })
  expect(shapeDrift(shapeOf(spec({ image: 'node:1' })), pinned)).toEqual(['its nodes run the image node:1, not node:2'])
  expect(shapeDrift(shapeOf(pinned), pinned)).toEqual([])
  const { image: _, ...older } = JSON.parse(shapeOf(spec({ image: 'node:1' })))
  expect(shapeDrift(JSON.stringify(older), pinned)).toEqual([])
})

const kit = 'kindest/node:v1.34.4'
test.each([
  ['1', '0.30.0', [], kit],
  ['2', '0.30.0', [], expect.stringMatching(/^kindest\/node:v1\.\d+\.\d+@sha256:[0-9a-f]{64}$/)],
  ['2', '0.33.1', [kit], kit],
  ['2', '0.20.0', [], kit],
  ['2', '0.30.0-alpha+0c1d2e3f', [], kit],
] as const)(
  'the node image for cgroup v%s and kind %s with the images %o',
  (cgroupVersion, kindVersion, there, image) => {
    const present = (name: string) => (there as readonly string[]).includes(name)
    expect(nodeImageFor({ cgroupVersion, kindVersion, present })).toEqual(image)
  },
)

test('a changed version of Kubernetes or pod network of Minikube is drift; a changed default version is not', () => {
  const of = (kubernetesVersion: string, cni: string | undefined, pinned?: string) =>
    spec({
      minikube: { kubernetesVersion, cni, startArgs: [] },
      pinned: { image: undefined, kubernetesVersion: pinned },
    })
  const before = shapeOf(of('v1.33.0', undefined))
  expect(shapeDrift(before, of('v1.34.0', undefined))).toEqual([])
  expect(shapeDrift(before, of('v1.34.0', 'calico', 'v1.34.0'))).toEqual([
    'it runs Kubernetes v1.33.0, not v1.34.0',
    'its cni is the default, not "calico"',
  ])
})
