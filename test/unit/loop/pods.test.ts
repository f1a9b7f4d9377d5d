import { expect, test } from 'vitest'
import type { Kube, KubeObject, WatchEvent } from '../../../src/kube/api.ts'
import { trackPods } from '../../../src/loop/pods.ts'

function start(containers: Record<string, string> = {}) {
  let emit: (event: WatchEvent) => void = () => {}
  let asked: string | undefined
  const kube: Pick<Kube, 'watch'> = {
    async watch(kind, options, onEvent) {
      asked = `${kind.kind} ${options.labels}`
      emit = onEvent
    },
  }
  const tracker = trackPods(kube, { project: 'todo', containers }, new AbortController().signal)
  return { tracker, emit: (event: WatchEvent) => emit(event), asked: () => asked }
}

const running = { running: { startedAt: '2026-01-01T00:00:00Z' } }
function pod(
  name: string,
  status: object,
  more: { made?: string; ready?: boolean; gone?: boolean; restartPolicy?: string } = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'todo',
      uid: `uid-${name}`,
      creationTimestamp: more.made ?? '2026-01-01T00:00:00Z',
      labels: { 'devk.dev/service': 'backend', 'devk.dev/project': 'todo' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'rs', uid: 'rs', controller: true }],
      ...(more.gone ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: {
      nodeName: 'todo-worker',
      restartPolicy: more.restartPolicy ?? 'Always',
      containers: [
        { name: 'proxy', image: 'envoy:1' },
        { name: 'main', image: 'localhost:5001/todo/backend:abc' },
      ],
    },
    status: {
      conditions: [{ type: 'Ready', status: more.ready ? 'True' : 'False' }],
      containerStatuses: [
        { name: 'proxy', state: running, containerID: 'containerd://p' },
        { name: 'main', ...status },
      ],
    },
  }
}

test('the pods of the project are followed', () => {
  expect(start().asked()).toBe('Pod devk.dev/project=todo')
})

test('a running container counts when it runs the service’s own image', () => {
  const { tracker, emit } = start()
  emit({ type: 'SYNCED', objects: [pod('a', { state: running, containerID: 'containerd://1' })] })
  expect(tracker.running('backend')).toEqual([
    {
      service: 'backend',
      pod: { namespace: 'todo', name: 'a' },
      container: 'main',
      containerId: '1',
      node: 'todo-worker',
    },
  ])
  expect(tracker.running('frontend')).toEqual([])
})

test('the configuration can name another container', () => {
  const { tracker, emit } = start({ backend: 'proxy' })
  emit({ type: 'ADDED', object: pod('a', { state: running, containerID: 'containerd://1' }) })
  expect(tracker.running('backend').map((target) => target.containerId)).toEqual(['p'])
})

test('pods that are being deleted, or are deleted, do not count', () => {
  const { tracker, emit } = start()
  const status = { state: running, containerID: 'containerd://1' }
  emit({ type: 'ADDED', object: pod('a', status) })
  emit({ type: 'ADDED', object: pod('b', status) })
  emit({ type: 'MODIFIED', object: pod('a', status, { gone: true }) })
  expect(tracker.running('backend').map((target) => target.pod.name)).toEqual(['b'])
  emit({ type: 'SYNCED', objects: [] })
  expect(tracker.running('backend')).toEqual([])
})

test('finds the newest of the ready pods', () => {
  const { tracker, emit } = start()
  emit({ type: 'ADDED', object: pod('old', {}, { ready: true }) })
  emit({ type: 'ADDED', object: pod('new', {}, { ready: true, made: '2026-01-02T00:00:00Z' }) })
  emit({ type: 'ADDED', object: pod('newest', {}, { made: '2026-01-03T00:00:00Z' }) })
  expect(tracker.newestReady('backend')?.metadata.name).toBe('new')
})

test.each([
  ['runs', { state: running }, undefined],
  ['is being made', { state: { waiting: { reason: 'ContainerCreating' } } }, undefined],
  [
    'loops',
    {
      restartCount: 3,
      containerID: 'containerd://9',
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 2, reason: 'Error' } },
    },
    { restarts: 3, containerId: '9', exitCode: 2, reason: 'CrashLoopBackOff', replaceable: true },
  ],
  [
    'has just ended',
    { state: { terminated: { exitCode: 137, reason: 'OOMKilled' } }, containerID: 'containerd://9' },
    { restarts: 0, containerId: '9', exitCode: 137, reason: 'OOMKilled', replaceable: true },
  ],
  [
    'has no image',
    { state: { waiting: { reason: 'ErrImageNeverPull' } } },
    { restarts: 0, containerId: undefined, exitCode: undefined, reason: 'ErrImageNeverPull', replaceable: false },
  ],
] as const)('the state of a container that %s is recognized', (_name, status, expected) => {
  const { tracker, emit } = start()
  emit({ type: 'ADDED', object: pod('a', status) })
  const found = { pod: { namespace: 'todo', name: 'a', uid: 'uid-a' }, container: 'main', ...expected }
  expect(tracker.broken('backend')).toEqual(expected ? [found] : [])
})

test('reports which service changed', () => {
  const { tracker, emit } = start()
  const changed: string[] = []
  const stop = tracker.subscribe((service) => changed.push(service))
  emit({ type: 'ADDED', object: pod('a', {}) })
  emit({ type: 'SYNCED', objects: [] })
  stop()
  emit({ type: 'ADDED', object: pod('a', {}) })
  expect(changed).toEqual(['backend', 'backend'])
})

const ended = (exitCode: number) => ({
  containerID: 'containerd://9',
  state: { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' } },
})
const backOff = (exitCode: number) => ({
  restartCount: 2,
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { exitCode } },
})

test.each([
  ['a Job that is done', ended(0), 'Never', []],
  ['a Job that failed', ended(1), 'Never', [[1, false]]],
  ['a Job that tries again in its pod', backOff(1), 'OnFailure', [[1, false]]],
  ['a service that has just ended well', ended(0), 'Always', []],
  ['a service that keeps ending well', backOff(0), 'Always', [[0, true]]],
  ['a service that crashes', ended(1), 'Always', [[1, true]]],
] as const)('%s: what counts as broken, and what may be replaced', (_name, status, restartPolicy, expected) => {
  const { tracker, emit } = start()
  emit({ type: 'ADDED', object: pod('a', status, { restartPolicy }) })
  const found = tracker.broken('backend').map(({ exitCode, replaceable }) => [exitCode, replaceable])
  expect(found).toEqual(expected)
})

test('in a pod of two services each has its own containers, and both hear of its changes', () => {
  const { tracker, emit } = start()
  const changed: string[] = []
  tracker.subscribe((service) => changed.push(service))
  const shared = pod('a', { state: running, containerID: 'containerd://1' })
  shared.metadata.labels = {
    ...shared.metadata.labels,
    'service.devk.dev/backend': '',
    'service.devk.dev/edge': '',
  }
  shared.metadata.annotations = { 'devk.dev/containers': 'main=backend,proxy=edge' }
  emit({ type: 'ADDED', object: shared })
  expect(changed).toEqual(['backend', 'edge'])
  const ids = (service: string) => tracker.running(service).map((target) => target.containerId)
  expect([ids('backend'), ids('edge')]).toEqual([['1'], ['p']])
})
