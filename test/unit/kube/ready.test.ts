import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import type { Pod } from '../../../src/kube/pod.ts'
import { readiness } from '../../../src/kube/ready.ts'

const object = (apiVersion: string, kind: string, spec: object, status: object, meta: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', generation: 2, ...meta },
  spec,
  status: { observedGeneration: 2, ...status },
})
const deployment = (spec: object, status: object, meta?: object) => object('apps/v1', 'Deployment', spec, status, meta)
const set = (spec: object, status: object) => object('apps/v1', 'StatefulSet', spec, status)
const daemon = (spec: object, status: object) => object('apps/v1', 'DaemonSet', spec, status)
const job = (status: object, spec: object = {}) => object('batch/v1', 'Job', spec, status)
const rollout = (status: object) =>
  object('argoproj.io/v1alpha1', 'Rollout', {}, { observedGeneration: '2', ...status })
const pod = (status: object) => object('v1', 'Pod', {}, status)
const claim = (status: object, annotations?: object) =>
  object('v1', 'PersistentVolumeClaim', {}, status, annotations && { annotations })
const condition = (type: string, status: string, more: object = {}) => ({ conditions: [{ type, status, ...more }] })
const full = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 }

test.each<[string, KubeObject, string | undefined]>([
  ['a Deployment at rest', deployment({ replicas: 2 }, full), undefined],
  ['one scaled to nothing', deployment({ replicas: 0 }, {}), undefined],
  ['one never seen', deployment({}, { observedGeneration: undefined }), 'its controller has not observed it yet'],
  [
    'one not seen since',
    deployment({ replicas: 2 }, { ...full, observedGeneration: 1 }),
    'its controller has not observed the change yet',
  ],
  ['one half updated', deployment({ replicas: 2 }, { ...full, updatedReplicas: 1 }), '1/2 pods updated'],
  ['one with an old pod', deployment({ replicas: 2 }, { ...full, replicas: 3 }), '1 old pod is still running'],
  ['one with unready pods', deployment({ replicas: 2 }, { ...full, availableReplicas: 1 }), '1/2 pods ready'],
  ['one pod by default', deployment({}, { replicas: 1, updatedReplicas: 1 }), '0/1 pods ready'],
  [
    'one whose pods are refused',
    deployment({}, condition('ReplicaFailure', 'True', { message: 'exceeded quota: small' })),
    'exceeded quota: small',
  ],
  [
    'one that is stuck',
    deployment({}, condition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded' })),
    '0/1 pods updated, no progress since the deadline',
  ],
  ['a Rollout at rest', rollout({ phase: 'Healthy' }), undefined],
  ['one that waits for its promotion', rollout({ phase: 'Paused', message: 'BlueGreenPause' }), undefined],
  [
    'one under way',
    rollout({ phase: 'Progressing', message: 'more replicas need to be updated' }),
    'more replicas need to be updated',
  ],
  [
    'one that has given up',
    rollout({ phase: 'Degraded', message: 'ProgressDeadlineExceeded' }),
    'ProgressDeadlineExceeded',
  ],
  [
    'one not seen since its change',
    rollout({ phase: 'Healthy', observedGeneration: '1' }),
    'its controller has not observed it yet',
  ],
  ['one nobody looks after', rollout({ observedGeneration: undefined }), 'its controller has not observed it yet'],
  ['one being deleted', deployment({}, full, { deletionTimestamp: 'now' }), 'is being deleted'],
  [
    'a StatefulSet at rest',
    set({ replicas: 2 }, { replicas: 2, readyReplicas: 2, currentRevision: 'a', updateRevision: 'a' }),
    undefined,
  ],
  [
    'one that rolls',
    set(
      { replicas: 2 },
      { replicas: 2, readyReplicas: 2, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
    ),
    '1/2 pods updated',
  ],
  [
    'one with a partition',
    set(
      { replicas: 2, updateStrategy: { rollingUpdate: { partition: 1 } } },
      { readyReplicas: 2, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
    ),
    undefined,
  ],
  ['one that is not ready', set({}, { currentRevision: 'a', updateRevision: 'a' }), '0/1 pods ready'],
  [
    'a DaemonSet at rest',
    daemon({}, { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 }),
    undefined,
  ],
  ['one that rolls out', daemon({}, { desiredNumberScheduled: 2, updatedNumberScheduled: 1 }), '1/2 pods updated'],
  ['one that starts', daemon({}, { desiredNumberScheduled: 2, updatedNumberScheduled: 2 }), '0/2 pods ready'],
  ['a Job that ended well', job(condition('Complete', 'True')), undefined],
  ['a Job that runs', job({ active: 1 }), '0/1 completed'],
  ['a Job that is suspended', job({}, { suspend: true }), undefined],
  [
    'a Job that failed',
    job(condition('Failed', 'True', { message: 'Job has reached the specified backoff limit' })),
    'failed: Job has reached the specified backoff limit',
  ],
  ['a ready Pod', pod({ phase: 'Running', ...condition('Ready', 'True') }), undefined],
  ['a Pod that is done', pod({ phase: 'Succeeded' }), undefined],
  ['a new Pod', pod({ phase: 'Pending' }), 'is pending'],
  ['a Pod that failed', pod({ phase: 'Failed', message: 'Evicted' }), 'failed: Evicted'],
  ['a bound claim', claim({ phase: 'Bound' }), undefined],
  ['a claim that waits for its pod', claim({ phase: 'Pending' }), undefined],
  [
    'a claim that is provisioned',
    claim({ phase: 'Pending' }, { 'volume.kubernetes.io/storage-provisioner': 'x' }),
    'its volume is being provisioned',
  ],
  ['a lost claim', claim({ phase: 'Lost' }), 'its volume is lost'],
  [
    'a CRD not established',
    object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {}, {}),
    'not established yet',
  ],
  [
    'a LoadBalancer without address',
    object('v1', 'Service', { type: 'LoadBalancer' }, { loadBalancer: {} }),
    undefined,
  ],
  [
    'an object of another controller',
    object('x.io/v1', 'Planet', {}, condition('Ready', 'False', { message: 'cold' })),
    'cold',
  ],
  ['a plain object', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }, undefined],
])('the readiness of an object is recognized: %s', (_, given, reason) => {
  const result = readiness(given)
  expect(result.ready ? undefined : result.reason).toBe(reason)
})

test('only a state that cannot recover counts as failed', () => {
  expect(readiness(job(condition('Failed', 'True')))).toMatchObject({ failed: true })
  expect(readiness(deployment({}, {}))).not.toHaveProperty('failed')
})

test('a workload with a pod of an older image is not ready', () => {
  const spec = { replicas: 2, template: { spec: { containers: [{ name: 'app', image: 'a:2' }] } } }
  const running = (image: string, meta: object = {}): Pod => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: `p-${image}`, ...meta } },
    spec: { containers: [{ name: 'app', image }] },
  })
  const workload = deployment(spec, full)
  expect(readiness(workload, [running('a:2')])).toEqual({ ready: true })
  expect(readiness(workload, [running('a:2'), running('a:1')])).toEqual({
    ready: false,
    reason: 'pod p-a:1 still runs a:1',
  })
  expect(readiness(workload, [running('a:1', { deletionTimestamp: 'now' })])).toEqual({ ready: true })
})

test('a paused Rollout may have old pods, and a healthy one may not', () => {
  const template = { spec: { containers: [{ name: 'app', image: 'app:2' }] } }
  const old = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'old' },
    spec: { containers: [{ name: 'app', image: 'app:1' }] },
  } as Pod
  const waiting = { ...rollout({ phase: 'Paused' }), spec: { template } }
  const done = { ...rollout({ phase: 'Healthy' }), spec: { template } }
  expect(readiness(waiting, [old])).toEqual({ ready: true })
  expect(readiness(done, [old])).toEqual({ ready: false, reason: 'pod old still runs app:1' })
})
