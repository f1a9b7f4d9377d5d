import { expect, test } from 'vitest'
import { nodeUses, podUses, useOf } from '../../../../src/commands/top/report.ts'
import { topText } from '../../../../src/commands/top/text.ts'
import type { Pod } from '../../../../src/kube/pod.ts'

const pod = (name: string, cpu: string, phase = 'Running'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: {
    nodeName: 'worker',
    containers: [{ name: 'app', resources: { requests: { cpu, memory: '64Mi' } } as object }],
  },
  status: { phase },
})
const figures = (name: string, ...usage: { cpu: string; memory: string }[]) => ({
  apiVersion: 'metrics.k8s.io/v1beta1',
  kind: 'PodMetrics',
  metadata: { name, namespace: 'shop' },
  containers: usage.map((each, i) => ({ name: `c${i}`, usage: each })),
})
const mebibyte = 1024 ** 2
const api = useOf(
  'api',
  'service',
  podUses(
    [pod('api-1', '200m'), pod('api-2', '200m'), pod('api-0', '200m', 'Succeeded')],
    [figures('api-1', { cpu: '12345678n', memory: '2048Ki' }, { cpu: '8m', memory: '1Mi' })],
  ),
)
const nodes = nodeUses(
  [
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'worker' },
      status: { allocatable: { cpu: '2', memory: '4Gi' } },
    },
  ],
  [
    {
      apiVersion: 'metrics.k8s.io/v1beta1',
      kind: 'NodeMetrics',
      metadata: { name: 'worker' },
      usage: { cpu: '1500000u', memory: '1Gi' },
    },
  ],
)

test('the usage of containers adds up to pods and services, and one without metrics counts with its requests only', () => {
  expect(api).toMatchObject({
    used: { cpu: 20, memory: 3 * mebibyte },
    requested: { cpu: 400, memory: 128 * mebibyte },
    pods: [
      { name: 'api-1', node: 'worker', used: { cpu: 20, memory: 3 * mebibyte } },
      { name: 'api-2', used: null, requested: { cpu: 200, memory: 64 * mebibyte } },
    ],
  })
  expect(useOf('idle', 'service', [])).toMatchObject({ used: null, requested: { cpu: 0, memory: 0 } })
})

test('the usage of a node is shown with its allocatable resources', () => {
  expect(nodes).toEqual([
    {
      name: 'worker',
      used: { cpu: 1500, memory: 1024 * mebibyte },
      allocatable: { cpu: 2000, memory: 4096 * mebibyte },
    },
  ])
})

test('the text has a table of services, with pods on request, and one of nodes', () => {
  const report = { project: 'shop', uses: [api], nodes }
  const lines = (pods: boolean, columns = 80) => topText({ ...report }, { pods, columns }).split('\n')
  expect(lines(false)).toEqual([
    'SERVICE  CPU  REQUESTED  MEMORY   REQUESTED',
    'api      20m  400m       3.0 MiB  128.0 MiB',
    '',
    'NODE    CPU    OF     MEMORY   OF',
    'worker  1500m  2000m  1.0 GiB  4.0 GiB',
    '',
  ])
  expect(lines(true).slice(1, 4)).toEqual([
    'api      20m  400m       3.0 MiB  128.0 MiB',
    '  api-1  20m  200m       3.0 MiB  64.0 MiB',
    '  api-2  –    200m       –        64.0 MiB',
  ])
  expect(Math.max(...lines(true, 40).map((line) => line.length))).toBeLessThanOrEqual(40)
})
