import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { annotations, labels } from '../../../src/lib/keys.ts'
import { type Revision, readRevisions } from '../../../src/release/revisions.ts'
import { chooseRevision, planRollback, requireInputs } from '../../../src/release/rollback.ts'
import { oneWorkload, planRestart, workloadsOf } from '../../../src/release/workloads.ts'
import { fakeKube } from '../../fakes/kube.ts'

const signal = AbortSignal.timeout(30_000)
const owner = (uid: string) => [{ kind: 'Deployment', name: 'web', uid, controller: true }]
const template = (image: string) => ({
  metadata: { creationTimestamp: null, labels: { app: 'web', 'pod-template-hash': 'abc' } },
  spec: { containers: [{ name: 'web', image }], restartPolicy: 'Always' },
})
const replicaSet = (name: string, revision: number, image: string, uid = 'web-uid'): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name,
    namespace: 'shop',
    annotations: { 'deployment.kubernetes.io/revision': String(revision), 'kubernetes.io/change-cause': `to ${image}` },
    ownerReferences: owner(uid),
  },
  spec: { template: template(image) },
})
const web: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: 'web-uid',
    labels: { [labels.project]: 'todo', [labels.service]: 'web', [labels.hash]: 'h' },
    managedFields: [
      {
        manager: 'devk',
        operation: 'Apply',
        fieldsV1: {
          'f:metadata': { 'f:labels': { 'f:devk.dev/hash': {} } },
          'f:spec': { 'f:template': {}, 'f:replicas': {} },
        },
      },
    ],
  },
  spec: { replicas: 2, paused: false, template: template('web:3') },
}

const revisions = (...objects: KubeObject[]) => readRevisions(fakeKube({ objects }), web, signal)
const three = [
  replicaSet('c', 3, 'web:3'),
  replicaSet('a', 1, 'web:1'),
  replicaSet('b', 2, 'web:2'),
  replicaSet('x', 9, 'other:1', 'other'),
]

test('the revisions of a Deployment are its own ReplicaSets, oldest first, without the labels of controllers', async () => {
  const found = await revisions(...three)
  expect(found.map(({ number, images, cause, current }) => ({ number, images, cause, current }))).toEqual([
    { number: 1, images: ['web:1'], cause: 'to web:1', current: false },
    { number: 2, images: ['web:2'], cause: 'to web:2', current: false },
    { number: 3, images: ['web:3'], cause: 'to web:3', current: true },
  ])
  expect(found[0]?.template.metadata).toEqual({ labels: { app: 'web' } })
})

test('the revisions of a StatefulSet are its ControllerRevisions', async () => {
  const set = { ...web, kind: 'StatefulSet' }
  const revision: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: { name: 'web-1', namespace: 'shop', ownerReferences: owner('web-uid') },
    revision: 4,
    data: { spec: { template: { $patch: 'replace', ...template('web:4') } } },
  }
  const found = await readRevisions(fakeKube({ objects: [revision] }), set, signal)
  expect(found).toMatchObject([{ number: 4, images: ['web:4'], current: true }])
  expect(found[0]?.template).not.toHaveProperty('$patch')
})

test('the revisions of an Argo Rollout are its ReplicaSets, with its own numbers', async () => {
  const rollout = { ...web, apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' }
  const sets = [replicaSet('d', 1, 'web:1'), replicaSet('e', 2, 'web:2')].map((set, i) => ({
    ...set,
    metadata: { ...set.metadata, annotations: { 'rollout.argoproj.io/revision': String(i + 1) } },
    spec: { template: { ...template(`web:${i + 1}`), metadata: { labels: { 'rollouts-pod-template-hash': 'abc' } } } },
  }))
  const found = await readRevisions(fakeKube({ objects: [...sets, ...three] }), rollout, signal)
  expect(found).toMatchObject([
    { number: 1, images: ['web:1'], current: false },
    { number: 2, images: ['web:2'], current: true },
  ])
  expect(found[0]?.template.metadata).toEqual({ labels: {} })
  const managedFields = [{ manager: 'devk', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:workloadRef': {} } } }]
  const referring = {
    ...rollout,
    metadata: { ...rollout.metadata, managedFields },
    spec: { workloadRef: { kind: 'Deployment', name: 'web' } },
  }
  expect(() => planRollback(referring, 2, found[0] as Revision)).toThrow('has its pod template in Deployment web')
})

test('each kind is restarted in its own way', () => {
  const rollout = { ...web, kind: 'Rollout', apiVersion: 'argoproj.io/v1alpha1' }
  const annotations = { 'kubectl.kubernetes.io/restartedAt': 'now' }
  expect(planRestart([rollout, web], 'now').actions).toMatchObject([
    { do: 'patch', ref: { kind: 'Rollout' }, uid: 'web-uid', patch: { spec: { restartAt: 'now' } } },
    { do: 'patch', ref: { kind: 'Deployment' }, patch: { spec: { template: { metadata: { annotations } } } } },
  ])
})

test('a rollback goes to the revision before the current one, or to the given one', async () => {
  const found = await revisions(...three)
  expect(chooseRevision('web', found, undefined).number).toBe(2)
  expect(chooseRevision('web', found, 1).number).toBe(1)
  expect(() => chooseRevision('web', found, 7)).toThrow(
    expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('1, 2, 3') }),
  )
  expect(() => chooseRevision('web', found.slice(2), undefined)).toThrow(
    expect.objectContaining({ code: 'COMMAND_FAILED' }),
  )
})

test('a rollback applies the template of the revision and a record of it; the hash stays', async () => {
  const [first] = await revisions(...three)
  if (first === undefined) throw new Error('no revision')
  const [action] = planRollback(web, 3, first).actions
  expect(action).toMatchObject({ do: 'update' })
  expect(action && 'wanted' in action && action.wanted.object).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'web-uid',
      labels: { [labels.hash]: 'h' },
      annotations: { [annotations.rolledBackTo]: '1', [annotations.rolledBackFrom]: '3' },
    },
    spec: { replicas: 2, template: { ...template('web:1'), metadata: { labels: { app: 'web' } } } },
  })
})

test('a workload that devk did not deploy is not rolled back', async () => {
  const [first] = await revisions(...three)
  const { managedFields: _, ...metadata } = web.metadata
  if (first === undefined) throw new Error('no revision')
  expect(() => planRollback({ ...web, metadata }, 3, first)).toThrow(
    expect.objectContaining({ code: 'OBJECT_FOREIGN' }),
  )
})

test('a revision whose ConfigMap or Secret no longer exists is refused before anything changes', async () => {
  const old = replicaSet('a', 1, 'web:1')
  const container = {
    name: 'web',
    envFrom: [{ configMapRef: { name: 'settings-1' } }, { secretRef: { name: 'extra', optional: true } }],
    env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'keys', key: 'x' } } }],
  }
  old.spec = {
    template: { metadata: {}, spec: { containers: [container], volumes: [{ secret: { secretName: 'tls' } }] } },
  }
  const [revision] = await revisions(old)
  const tls = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tls', namespace: 'shop' } }
  const kube = fakeKube({ objects: [tls] })
  if (revision === undefined) throw new Error('no revision')
  await expect(requireInputs(kube, web, revision, signal)).rejects.toMatchObject({
    details: [
      'ConfigMap shop/settings-1 no longer exists',
      'Secret shop/keys no longer exists',
      'Nothing was changed.',
    ],
  })
  expect(kube.writes).toEqual([])
})

test('a service is found by its label; the error for an unknown one suggests a similar name', async () => {
  const kube = fakeKube({ objects: [web] })
  expect((await workloadsOf(kube, 'todo', ['web'], signal)).map(({ metadata }) => metadata.name)).toEqual(['web'])
  await expect(workloadsOf(kube, 'todo', ['wep'], signal)).rejects.toMatchObject({ hint: 'Did you mean "web"?' })
  await expect(workloadsOf(kube, 'other', [], signal)).rejects.toThrow('Nothing is deployed')
})

test('of several workloads, one must be named', () => {
  const second = { ...web, metadata: { ...web.metadata, name: 'web-canary' } }
  expect(oneWorkload('web', [web, second], 'deployment/web-canary')).toBe(second)
  expect(() => oneWorkload('web', [web, second], undefined)).toThrow(
    'The service web has several workloads: Deployment/web, Deployment/web-canary',
  )
  expect(() => oneWorkload('web', [web], 'Deployment/x')).toThrow('web has no workload Deployment/x')
})
