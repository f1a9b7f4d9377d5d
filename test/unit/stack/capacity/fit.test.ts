import { expect, test } from 'vitest'
import { configSchema } from '../../../../src/config/schema.ts'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { demands, podRequests } from '../../../../src/stack/capacity/demand.ts'
import { fitOf, fits } from '../../../../src/stack/capacity/fit.ts'
import { fitLines, requireFit, suggestion } from '../../../../src/stack/capacity/fit-report.ts'
import { type NodeRoom, plannedRoom, type Room, readRoom } from '../../../../src/stack/capacity/room.ts'
import { fakeKube } from '../../../fakes/kube.ts'

const Gi = 1024 ** 3
const container = (cpu: string, memory: string, more: object = {}) => ({
  name: 'app',
  resources: { requests: { cpu, memory } },
  ...more,
})
const workload = (kind: string, name: string, spec: object, pod: object): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace: 'shop' },
  spec: { ...spec, template: { spec: pod } },
})
const api = (replicas: number | undefined, cpu: string, memory: string, pod: object = {}) =>
  workload('Deployment', 'api', { replicas }, { containers: [container(cpu, memory)], ...pod })
const node = (name: string, cpu: number, gib: number, more: Partial<NodeRoom> = {}): NodeRoom => ({
  name,
  allocatable: { cpu: cpu * 1000, memory: gib * Gi },
  taken: { cpu: 0, memory: 0 },
  labels: {},
  taints: [],
  ...more,
})
const room = (...nodes: NodeRoom[]): Room => ({ nodes, machine: { cpu: 4000, memory: 8 * Gi } })
const scale = configSchema.parse({ name: 'shop' }).scale

test('requests count as in the scheduler: limits as a default, init containers only if they are larger, sidecars always', () => {
  const amount = (spec: object) => podRequests({ spec: spec as never })
  const limited = { name: 'x', resources: { limits: { cpu: '1', memory: '1Gi' } } }
  expect(amount({ containers: [limited, container('500m', '512Mi')] })).toEqual({ cpu: 1500, memory: 1.5 * Gi })
  expect(amount({ containers: [{ name: 'x' }], initContainers: [container('2', '1Gi')] })).toEqual({
    cpu: 2000,
    memory: Gi,
  })
  const sidecar = container('100m', '1Gi', { restartPolicy: 'Always' })
  expect(amount({ containers: [container('1', '1Gi')], initContainers: [sidecar] })).toEqual({
    cpu: 1100,
    memory: 2 * Gi,
  })
})

test('a workload counts with its replicas or the minimum of its autoscaler, and a job does not count', () => {
  const hpa: KubeObject = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'api', namespace: 'shop' },
    spec: { minReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'api' } },
  }
  const job = { ...workload('Job', 'migrate', {}, { containers: [container('1', '1Gi')] }), apiVersion: 'batch/v1' }
  const agent = workload('DaemonSet', 'agent', {}, { containers: [container('50m', '1Gi')] })
  const off = workload('StatefulSet', 'off', { replicas: 0 }, { containers: [container('1', '1Gi')] })
  const found = demands([api(undefined, '1', '1Gi'), hpa, job, agent, off])
  expect(found.map(({ workload: name, pods }) => [name, pods])).toEqual([
    ['Deployment shop/api', 3],
    ['DaemonSet shop/agent', 'each'],
  ])
})

test('pods are placed on the free capacity of the nodes', () => {
  const two = room(node('a', 2, 4), node('b', 2, 4, { taken: { cpu: 1000, memory: Gi } }))
  expect(fitOf(demands([api(3, '1', '1Gi')]), two).misfits).toEqual([])
  expect(fitOf(demands([api(4, '1', '1Gi')]), two).misfits).toMatchObject([{ pods: 1, why: 'the nodes are full' }])
})

test('selectors and taints exclude nodes', () => {
  const pool = node('pool', 4, 8, {
    labels: { pool: 'big' },
    taints: [{ key: 'only', value: 'db', effect: 'NoSchedule' }],
  })
  const small = node('small', 1, 1)
  const tolerations = [{ key: 'only', value: 'db', effect: 'NoSchedule' }]
  const why = (pod: object) => fitOf(demands([api(1, '2', '2Gi', pod)]), room(pool, small)).misfits[0]?.why
  expect(why({})).toBe('no node is large enough')
  expect(why({ nodeSelector: { pool: 'huge' } })).toBe('no node has pool=huge')
  expect(why({ nodeSelector: { pool: 'big' } })).toBe('it does not tolerate the taints of the nodes')
  expect(why({ nodeSelector: { pool: 'big' }, tolerations })).toBeUndefined()
  expect(why({ tolerations: [{ operator: 'Exists' }] })).toBeUndefined()
})

test('a DaemonSet needs capacity on every node', () => {
  const agent = workload('DaemonSet', 'agent', {}, { containers: [container('500m', '1Gi')] })
  const full = node('full', 1, 4, { taken: { cpu: 900, memory: 0 } })
  expect(fitOf(demands([agent]), room(node('a', 1, 4), full)).misfits).toMatchObject([{ pods: 1 }])
})

test('nodes that each report the whole machine do not add up', () => {
  const three = room(...['a', 'b', 'c'].map((name) => node(name, 4, 8)))
  const cpu = fitOf(demands([api(6, '1', '1Gi')]), three)
  expect([fits(cpu), cpu.tightCpu, cpu.available]).toEqual([true, true, { cpu: 4000, memory: 8 * Gi }])
  expect(fitLines(cpu)).toEqual(['All pods request 6 CPU; the machine has 4. The pods start and share it.'])
  const memory = fitOf(demands([api(3, '100m', '4Gi')]), three)
  expect([fits(memory), memory.tooMuchMemory]).toEqual([false, true])
})

test('a stack that does not fit is refused, with the mildest rules that make it fit', () => {
  const one = room(node('a', 4, 8))
  expect(() => requireFit([api(2, '1', '1Gi')], one, scale)).not.toThrow()
  expect(() => requireFit([api(6, '1', '1Gi')], one, scale)).toThrow(
    expect.objectContaining({
      code: 'HOST_UNFIT',
      details: [
        'Deployment shop/api: 2 pods fit on no node (1 CPU, 1.0 GiB each): the nodes are full',
        'In total the pods request 6 CPU, 6.0 GiB; the nodes have 4 CPU, 8.0 GiB.',
        'Nothing was deployed.',
      ],
      hint: expect.stringContaining('scale: { replicas: 3 }'),
    }),
  )
  expect(suggestion([api(1, '8', '1Gi')], one, scale)).toBe('{ requests: 0.5 }')
  expect(suggestion([api(1, '8', '1Gi')], one, { ...scale, requests: { cpu: 0.5, memory: 1 } })).toBe(
    '{ requests: { cpu: 0.25, memory: 0.5 } }',
  )
  const picky = api(1, '1', '1Gi', { nodeSelector: { gpu: 'yes' } })
  expect(suggestion([picky], one, scale)).toBeUndefined()
})

test('the capacity is read from the nodes and from the pods of others', async () => {
  const kubeNode = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n', labels: { zone: 'a' } },
    spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] },
    status: { allocatable: { cpu: '2', memory: '4Gi' } },
  }
  const pod = (name: string, labels: Record<string, string>, phase = 'Running'): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'x', labels },
    spec: { nodeName: 'n', containers: [container('100m', '1Gi')] },
    status: { phase },
  })
  const objects = [
    kubeNode,
    pod('other', {}),
    pod('ended', {}, 'Succeeded'),
    pod('own', { 'devk.dev/project': 'shop' }),
  ]
  const read = await readRoom(fakeKube({ objects }), 'shop', undefined, AbortSignal.timeout(5000))
  expect(read.nodes).toEqual([
    {
      name: 'n',
      allocatable: { cpu: 2000, memory: 4 * Gi },
      taken: { cpu: 100, memory: Gi },
      labels: { zone: 'a' },
      taints: [{ key: 'k', effect: 'NoSchedule' }],
    },
  ])
})

test('a control plane has a taint if there are workers', () => {
  const spec = (...roles: ('control-plane' | 'worker')[]) =>
    ({ nodes: roles.map((role) => ({ role, labels: {}, taints: [] })) }) as never
  const machine = { cpu: 4000, memory: 8 * Gi }
  expect(plannedRoom(spec('control-plane'), machine, 'amd64').nodes[0]?.taints).toEqual([])
  const [plane, worker] = plannedRoom(spec('control-plane', 'worker'), machine, 'amd64').nodes
  expect(plane?.taints).toEqual([{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }])
  expect(worker?.taints).toEqual([])
  expect(worker?.labels).toEqual({ 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' })
  const sized = { nodes: [{ role: 'worker', labels: {}, taints: [], size: { memory: 2 * Gi } }] } as never
  expect(plannedRoom(sized, machine, 'amd64').nodes[0]?.allocatable).toEqual({ cpu: 4000, memory: 2 * Gi })
})
