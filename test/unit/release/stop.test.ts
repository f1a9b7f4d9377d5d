import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { annotations, labels } from '../../../src/lib/keys.ts'
import { isStopped, planStart, planStop } from '../../../src/release/stop.ts'
import type { Plan } from '../../../src/stack/plan.ts'

const managed = (spec: object) => [
  { manager: 'devk', operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:labels': {} }, 'f:spec': spec } },
]
const deployment = (replicas: number, own: object = { 'f:replicas': {}, 'f:paused': {} }): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    ...{ name: 'web', namespace: 'shop', uid: 'u', labels: { [labels.hash]: 'h', app: 'web' } },
    managedFields: managed(own),
  },
  spec: { replicas, paused: false },
})
const written = ({ actions }: Plan): KubeObject => {
  const [action] = actions
  if (action?.do !== 'update') throw new Error(`${action?.do} is no update`)
  return action.wanted.object
}
/** As the cluster has it after the write. */
const live = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, managedFields: deployment(1).metadata.managedFields ?? [] },
})

test('a stopped workload has no pods and another hash, and is started with those that it had', () => {
  const stopped = written(planStop([deployment(3)]))
  expect(stopped.spec).toEqual({ replicas: 0, paused: false })
  expect(stopped.metadata.labels).toMatchObject({ [labels.hash]: 'stopped', app: 'web' })
  expect([isStopped(deployment(3)), isStopped(stopped)]).toEqual([false, true])
  const started = written(planStart([live(stopped)]))
  expect(started.spec).toEqual({ replicas: 3, paused: false })
  expect(started.metadata.labels).toEqual({ [labels.hash]: 'h', app: 'web' })
  expect(started.metadata.annotations?.[annotations.stopped]).toBeUndefined()
})

test('a number that an autoscaler sets is taken over by nobody at the start', () => {
  const stopped = written(planStop([deployment(5, { 'f:paused': {} })]))
  expect(stopped.spec).toEqual({ replicas: 0, paused: false })
  expect(written(planStart([live(stopped)])).spec).toEqual({ paused: false })
})

test('what is stopped stays so, and what runs is not started', () => {
  const stopped = live(written(planStop([deployment(3)])))
  expect(planStop([stopped]).actions).toEqual([])
  expect(planStart([deployment(3)]).actions).toEqual([])
  // Someone has scaled it since.
  expect(planStop([{ ...stopped, spec: { replicas: 2, paused: false } }]).actions).toHaveLength(1)
  expect(planStart([{ ...stopped, spec: { replicas: 2, paused: false } }]).actions).toEqual([])
  expect(planStart([{ ...stopped, metadata: { ...stopped.metadata, annotations: {} } }]).actions).toEqual([])
})

test('a DaemonSet and a workload of somebody else are refused, and nothing of the rest is stopped', () => {
  const daemon = { ...deployment(1), kind: 'DaemonSet' }
  expect(() => planStop([deployment(3), daemon])).toThrow('DaemonSet shop/web runs a pod on each node')
  const { managedFields: _, ...metadata } = deployment(1).metadata
  expect(() => planStop([{ ...deployment(1), metadata }])).toThrow('was not deployed by devk')
})
