import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { atOnce, refusal, up } from './deploy-support.ts'
import { configMap, deployment, stackKube } from './support.ts'

test('a foreign object stops the run before the first write', async () => {
  const foreign = { ...configMap('a', { x: 'theirs' }), metadata: { name: 'a', namespace: 'default' } }
  const kube = stackKube({ objects: [foreign] })
  await expect(up(kube, [deployment('web'), configMap('a')])).rejects.toMatchObject({ code: 'OBJECT_FOREIGN' })
  expect(kube.writes).toEqual([])
})

test('if the server refuses an object, the application is not changed and the error has the place of the object', async () => {
  const kube = stackKube({
    onApply(object) {
      if (object.kind === 'Deployment') throw refusal(422, { reason: 'Invalid' })
      return undefined
    },
  })
  const error = await up(kube, [deployment('web'), configMap('a')]).catch((thrown) => thrown)
  expect(error).toMatchObject({
    code: 'MANIFEST_INVALID',
    details: ['k8s/a.yaml:1: Deployment default/web: the server said no'],
  })
  expect(kube.writes).not.toContain('apply ConfigMap default/a')
})

test('a call is retried while a webhook is not ready, but not for an unknown field', async () => {
  let calls = 0
  const webhook = stackKube({
    onApply(object) {
      if (object.kind === 'Deployment' && ++calls < 3) throw refusal(500, { reason: 'InternalError' })
      return atOnce(object)
    },
  })
  await up(webhook, [deployment('web')])
  expect(calls).toBe(3)
  const typo = stackKube({
    onApply(object) {
      if (object.kind === 'Deployment') throw refusal(500)
      return undefined
    },
  })
  await expect(up(typo, [deployment('web')])).rejects.toMatchObject({ code: 'MANIFEST_INVALID' })
})

test('a custom resource waits for the webhook of its operator until the deadline, and the error has the reason', async () => {
  const issuer: KubeObject = { apiVersion: 'example.com/v1', kind: 'Issuer', metadata: { name: 'i' } }
  const kube = stackKube({
    kinds: { 'example.com/v1 Issuer': true },
    onApply(object) {
      if (object.kind === 'Issuer') throw refusal(500, { reason: 'InternalError' })
      return atOnce(object)
    },
  })
  await expect(up(kube, [deployment('operator'), issuer], {}, 500)).rejects.toMatchObject({
    code: 'NOT_READY',
    details: ['Issuer default/i: the server said no'],
  })
})

test('an object that someone else creates meanwhile is not taken over', async () => {
  const conflict = refusal(409, { reason: 'Conflict', details: { causes: [{ reason: 'FieldManagerConflict' }] } })
  let checked = false
  const kube = stackKube({
    onApply(object) {
      if (object.kind !== 'Deployment') return undefined
      if (checked) throw conflict
      checked = true
      return undefined
    },
  })
  await expect(up(kube, [deployment('web')])).rejects.toMatchObject({ code: 'OBJECT_FOREIGN' })
})

test('after the timeout the error lists each object that is not ready with its reason', async () => {
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'default', labels: { app: 'web', 'devk.dev/project': 'todo' } },
    spec: { containers: [{ name: 'app', image: 'web:1' }] },
    status: { containerStatuses: [{ name: 'app', state: { waiting: { reason: 'InvalidImageName' } } }] },
  }
  const kube = stackKube({
    objects: [pod],
    onApply: (object) => (object.kind === 'Deployment' ? { ...object, status: { observedGeneration: 9 } } : undefined),
  })
  await expect(up(kube, [deployment('web')], {}, 150)).rejects.toMatchObject({
    code: 'NOT_READY',
    exitCode: 3,
    details: ['Deployment default/web: 0/1 pods updated; web-1 image "web:1" is not a valid name'],
  })
})

test('a failed Job ends the wait at once', async () => {
  const job: KubeObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j' },
    spec: { template: { spec: { containers: [] } } },
  }
  const failed = { conditions: [{ type: 'Failed', status: 'True', message: 'too often' }] }
  const kube = stackKube({ onApply: (object) => (object.kind === 'Job' ? { ...object, status: failed } : undefined) })
  await expect(up(kube, [job])).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
    message: 'Job default/j failed: too often',
  })
})
