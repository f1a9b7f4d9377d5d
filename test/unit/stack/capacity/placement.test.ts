import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { demands } from '../../../../src/stack/capacity/demand.ts'
import { fitOf } from '../../../../src/stack/capacity/fit.ts'
import { fitLines } from '../../../../src/stack/capacity/fit-report.ts'
import type { NodeRoom } from '../../../../src/stack/capacity/room.ts'

const Gi = 1024 ** 3
const host = 'kubernetes.io/hostname'
const zone = 'topology.kubernetes.io/zone'

const app = (name: string, replicas: number, pod: object, more: object = {}): KubeObject => {
  const containers = [{ name: 'app', resources: { requests: { cpu: '100m', memory: '1Gi' } } }]
  const template = { metadata: { labels: { app: name } }, spec: { containers, ...pod } }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop', ...more },
    spec: { replicas, template },
  }
}
const node = (name: string, labels: Record<string, string> = {}, memory = 8): NodeRoom => ({
  name,
  allocatable: { cpu: 4000, memory: memory * Gi },
  taken: { cpu: 0, memory: 0 },
  labels,
  taints: [],
})
const misfits = (nodes: NodeRoom[], ...objects: KubeObject[]) =>
  fitOf(demands(objects), { nodes, machine: undefined }).misfits.map(({ workload, pods, why }) => [workload, pods, why])

const needs = (...matchExpressions: object[]) => ({
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
  },
})
const apartFrom = (name: string, topologyKey = host, more: object = {}) => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey, labelSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: [name] }] }, ...more },
      ],
    },
  },
})
const spreadOver = (topologyKey: string, name: string, more: object = {}) => ({
  topologySpreadConstraints: [{ topologyKey, maxSkew: 1, labelSelector: { matchLabels: { app: name } }, ...more }],
})

test.each([
  [{ key: 'disk', operator: 'In', values: ['ssd'] }, true],
  [{ key: 'disk', operator: 'NotIn', values: ['ssd'] }, false],
  [{ key: 'disk', operator: 'Exists' }, true],
  [{ key: 'gpu', operator: 'Exists' }, false],
  [{ key: 'gpu', operator: 'DoesNotExist' }, true],
  [{ key: 'cores', operator: 'Gt', values: ['4'] }, true],
  [{ key: 'cores', operator: 'Lt', values: ['4'] }, false],
])('required node affinity %o fits: %s', (expression, fits) => {
  const nodes = [node('a', { disk: 'ssd', cores: '8' })]
  const why = 'no node matches its required node affinity'
  expect(misfits(nodes, app('web', 1, needs(expression)))).toEqual(fits ? [] : [['Deployment shop/web', 1, why]])
})

test('one matching term is enough, and an empty term matches no node', () => {
  const terms = (...nodeSelectorTerms: object[]) => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  })
  const byName = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }
  const nodes = [node('a'), node('b')]
  expect(misfits(nodes, app('web', 1, terms({}, byName)))).toEqual([])
  expect(misfits(nodes, app('web', 1, terms({})))).toHaveLength(1)
})

test('replicas with anti-affinity need a node each', () => {
  const web = app('web', 3, apartFrom('web'))
  expect(misfits([node('a'), node('b'), node('c')], web)).toEqual([])
  expect(misfits([node('a'), node('b')], web)).toEqual([
    ['Deployment shop/web', 1, 'pod anti-affinity excludes each of the 2 nodes it may run on (kubernetes.io/hostname)'],
  ])
  const zones = [node('a', { [zone]: '1' }), node('b', { [zone]: '1' }), node('c', { [zone]: '2' })]
  expect(misfits(zones, app('web', 3, apartFrom('web', zone)))).toMatchObject([
    ['Deployment shop/web', 1, expect.stringContaining('zone')],
  ])
})

test('anti-affinity works in both directions, and within the namespace unless it names others', () => {
  const db = app('db', 1, { nodeSelector: { disk: 'ssd' } })
  const one = [node('a', { disk: 'ssd' })]
  expect(misfits(one, db, app('web', 1, apartFrom('db')))).toMatchObject([
    ['Deployment shop/db', 1, 'pod anti-affinity excludes the only node it may run on'],
  ])
  const elsewhere = { ...db, metadata: { name: 'db', namespace: 'data' } }
  expect(misfits(one, elsewhere, app('web', 1, apartFrom('db')))).toEqual([])
  expect(misfits(one, elsewhere, app('web', 1, apartFrom('db', host, { namespaces: ['data'] })))).toHaveLength(1)
  // The pod that fits only the larger node gets it.
  expect(misfits([node('a', { disk: 'ssd' }, 16), node('b')], app('web', 1, apartFrom('db')), db)).toEqual([])
})

test('a required spread fails when the nodes of a zone are full, and a preferred one never fails', () => {
  const web = app('web', 4, spreadOver(zone, 'web'))
  expect(misfits([node('a', { [zone]: '1' }), node('b', { [zone]: '2' })], web)).toEqual([])
  const full = [node('a', { [zone]: '1' }), node('b', { [zone]: '2' }, 1)]
  const why = `its spread constraint allows no node with enough free capacity (${zone})`
  expect(misfits(full, web)).toEqual([['Deployment shop/web', 1, why]])
  expect(misfits(full, app('web', 4, spreadOver(zone, 'web', { whenUnsatisfiable: 'ScheduleAnyway' })))).toEqual([])
  expect(misfits([node('a')], web)).toMatchObject([['Deployment shop/web', 4, why]])
})

test('required pod affinity is not checked, and the report says so', () => {
  const term = { topologyKey: host, labelSelector: { matchLabels: { app: 'db' } } }
  const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
  const fit = fitOf(demands([app('web', 1, { affinity })]), { nodes: [node('a')], machine: undefined })
  expect(fitLines(fit)).toEqual(['Deployment shop/web: its required pod affinity was not checked.'])
})
