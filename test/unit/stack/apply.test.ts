import { expect, test } from 'vitest'
import { DevkError } from '../../../src/errors.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { applyPlan, prune, untilDeleted } from '../../../src/stack/apply.ts'
import { creationOf, deletionOf, patchOf, updateOf } from '../../../src/stack/plan.ts'
import { fakeKube } from '../../fakes/kube.ts'
import { configMap, deployment } from './support.ts'

const signal = AbortSignal.timeout(20_000)
const inShop = (object: KubeObject, uid?: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, namespace: 'shop', ...(uid === undefined ? {} : { uid }) },
})
const refOf = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name })

test('writes come in the order of the plan, deletions after them', async () => {
  const [old, web] = [inShop(configMap('old'), 'uid-old'), inShop(deployment('web'), 'uid-web')]
  const kube = fakeKube({ objects: [old, web] })
  const patch = { spec: { paused: true } }
  const actions = [deletionOf(old), patchOf(web, patch), creationOf(inShop(configMap('new')))]
  const written = await applyPlan({ actions }, { kube, signal, patienceMs: 0 })
  expect(kube.writes).toEqual(['patch Deployment shop/web', 'apply ConfigMap shop/new', 'delete ConfigMap shop/old'])
  expect(written).toMatchObject([{ kind: 'Deployment', ...patch }, { kind: 'ConfigMap' }])
})

test('an object of the same name with another UID is neither patched, nor updated, nor deleted', async () => {
  const mine = inShop(configMap('a'), 'uid-mine')
  const theirs = inShop(configMap('a', { owner: 'someone' }), 'uid-theirs')
  const kube = fakeKube({ objects: [theirs] })
  const deps = { kube, signal, patienceMs: 0 }
  const refused = { code: 'KUBE_API' }
  await expect(applyPlan({ actions: [patchOf(mine, { data: {} })] }, deps)).rejects.toMatchObject(refused)
  await expect(applyPlan({ actions: [updateOf(mine, 'uid-mine')] }, deps)).rejects.toMatchObject(refused)
  await applyPlan({ actions: [deletionOf(mine)] }, deps)
  expect(kube.peek(refOf('a'))).toMatchObject({ metadata: { uid: 'uid-theirs' }, data: { owner: 'someone' } })
})

test('a conflict stops the plan before its first write', async () => {
  const kube = fakeKube()
  const conflict = { do: 'conflict', ref: refOf('a'), why: 'was not created by devk' } as const
  const plan = { actions: [creationOf(inShop(configMap('b'))), conflict] }
  await expect(applyPlan(plan, { kube, signal, patienceMs: 0 })).rejects.toMatchObject({ code: 'OBJECT_FOREIGN' })
  expect(kube.writes).toEqual([])
})

test('without patience a temporary failure is not retried', async () => {
  let calls = 0
  const kube = fakeKube({
    onApply() {
      calls += 1
      throw new DevkError('KUBE_API', 'busy', { cause: { kind: 'Status', code: 503, reason: 'Busy' } })
    },
  })
  const plan = { actions: [creationOf(inShop(configMap('a')))] }
  await expect(applyPlan(plan, { kube, signal, patienceMs: 0 })).rejects.toThrow('busy')
  expect(calls).toBe(1)
})

test('the wait for deletions names the object that stays, and its finalizers', async () => {
  const object = inShop({ ...configMap('a'), metadata: { name: 'a', finalizers: ['example.com/backup'] } }, 'uid-a')
  const kube = fakeKube({ objects: [object] })
  const held = { ...kube, delete: async () => {} }
  const plan = { actions: [deletionOf(object)] }
  await prune(plan, { kube: held, signal, patienceMs: 0 })
  await expect(untilDeleted(plan, { kube: held, signal, timeoutMs: 50 })).rejects.toMatchObject({
    code: 'NOT_READY',
    message: expect.stringMatching(/^ConfigMap shop\/a .*its deletion waits for example.com\/backup$/),
  })
  await prune(plan, { kube, signal, patienceMs: 0 })
  await untilDeleted(plan, { kube, signal, timeoutMs: 50 })
})
