import { expect, test } from 'vitest'
import { type KubeObject, keyOf } from '../../../src/kube/api.ts'
import { compare } from '../../../src/stack/compare.ts'
import { isOurs } from '../../../src/stack/observed.ts'
import { isEmpty, rejectConflicts } from '../../../src/stack/plan.ts'
import { removalOf } from '../../../src/stack/remove.ts'
import { planLines } from '../../fakes/plan-lines.ts'
import { asApplied, configMap, deployment, desiredOf, managedFields } from './support.ts'

const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
const wanted = desiredOf([namespace, configMap('a'), deployment('web')]).objects
const there = wanted.map((entry) => asApplied(entry))
const none = new Map<string, KubeObject>()
const plan = (ours: readonly KubeObject[], others = none, pruneData = false, objects = wanted) =>
  compare(objects, { ours, others }, { pruneData })

test('nothing there: everything is made, in order', () => {
  expect(planLines(plan([]))).toEqual([
    'create Namespace shop',
    'create ConfigMap shop/a',
    'create Deployment shop/web',
  ])
})

test('everything there: an empty plan', () => {
  expect(plan(there).actions.map((action) => action.do)).toEqual(['unchanged', 'unchanged', 'unchanged'])
  expect(isEmpty(plan(there))).toBe(true)
})

test('a change of contents is an update, of what cannot change a replacement', () => {
  const changed = desiredOf([namespace, configMap('a', { x: 'y' }), deployment('web', 'web:2')]).objects
  expect(planLines(plan(there, none, false, changed))).toEqual([
    'update ConfigMap shop/a',
    'update Deployment shop/web',
  ])
  const selector = deployment('web')
  selector.spec = { ...(selector.spec as object), selector: { matchLabels: { other: 'x' } } }
  const moved = desiredOf([namespace, configMap('a'), selector]).objects
  expect(planLines(plan(there, none, false, moved))).toEqual([
    'replace Deployment shop/web (selector cannot be changed)',
  ])
})

test('what is ours and no longer wanted goes, last stage first; what holds data stays unless asked', () => {
  const claim: KubeObject = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'd', namespace: 'shop' },
  }
  const more = desiredOf([namespace, configMap('old'), claim, deployment('old')]).objects.map((entry) =>
    asApplied(entry),
  )
  const kept = 'keep PersistentVolumeClaim shop/d (deleting a volume claim deletes its contents)'
  expect(planLines(plan([...there, ...more.slice(1)]))).toEqual([
    'delete Deployment shop/old',
    kept,
    'delete ConfigMap shop/old',
  ])
  const all = planLines(plan([...there, ...more.slice(1)], none, true))
  expect(all[1]).toBe('delete PersistentVolumeClaim shop/d')
})

test("someone else's object is a conflict; someone else's namespace is used and left alone", () => {
  const others = new Map(
    [namespace, configMap('a')].map((object, i) => {
      const metadata = { ...object.metadata, ...(i === 1 ? { namespace: 'shop' } : {}), uid: 'x' }
      return [keyOf({ ...object, metadata }), { ...object, metadata }]
    }),
  )
  const conflicting = plan([], others)
  expect(planLines(conflicting)).toEqual([
    'keep Namespace shop (it existed before; devk uses it and does not change it)',
    'conflict ConfigMap shop/a (was not created by devk)',
    'create Deployment shop/web',
  ])
  expect(() => rejectConflicts(conflicting)).toThrow(
    expect.objectContaining({
      code: 'OBJECT_FOREIGN',
      details: ['ConfigMap shop/a was not created by devk', 'Nothing was changed.'],
    }),
  )
})

test('what is being deleted is made again, after it is gone', () => {
  const leaving = (object: KubeObject) => ({ ...object, metadata: { ...object.metadata, deletionTimestamp: 'now' } })
  const [first, second, third] = there.map((object, i) => (i === 1 ? leaving(object) : object)) as [
    KubeObject,
    KubeObject,
    KubeObject,
  ]
  expect(plan([first, second, third]).actions[1]).toMatchObject({ do: 'create', after: 'uid a' })
  const gone = plan([leaving(first), second, third])
  expect(gone.actions.map((action) => [action.do, 'after' in action ? action.after : ''])).toEqual([
    ['create', 'uid shop'],
    ['create', undefined],
    ['create', undefined],
  ])
})

test('a plan that is printed shows no contents', () => {
  const secret: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { A: 'hunter2' } }
  expect(planLines(plan([], none, false, desiredOf([secret]).objects)).join()).not.toContain('hunter2')
})

test.each([
  ['applied by devk', {}, true],
  ['of another project', { labels: { 'devk.dev/project': 'x', 'devk.dev/hash': '0' } }, false],
  [
    'with copied labels, as Endpoints have',
    { managedFields: [{ manager: 'kube-controller-manager', operation: 'Update' }] },
    false,
  ],
  [
    'of a controller, as ReplicaSets are',
    { ownerReferences: [{ kind: 'D', name: 'd', uid: 'u', controller: true }] },
    false,
  ],
  ['without a hash, as pods are', { labels: { 'devk.dev/project': 'todo' } }, false],
])('an object %s', (_, meta, ours) => {
  const own = { 'devk.dev/project': 'todo', 'devk.dev/hash': '0' }
  const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'x', labels: own, managedFields, ...meta } }
  expect(isOurs(object, 'todo')).toBe(ours)
})

test('down: workloads first; claims and the namespaces around them stay unless asked', () => {
  const [shop, map, web] = there as [KubeObject, KubeObject, KubeObject]
  const claim: KubeObject = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'd', namespace: 'shop', uid: 'd' },
  }
  const removal = (pruneData: boolean, claims: KubeObject[], shared = new Set<string>()) =>
    planLines(removalOf({ objects: [shop, map, web, ...claims], claims, shared, pruneData }))
  expect(removal(false, [])).toEqual(['delete Deployment shop/web', 'delete ConfigMap shop/a', 'delete Namespace shop'])
  expect(removal(false, [claim])).toEqual([
    'delete Deployment shop/web',
    'keep PersistentVolumeClaim shop/d (it contains data)',
    'delete ConfigMap shop/a',
    'keep Namespace shop (it contains the volume claim d)',
  ])
  expect(removal(true, [claim]).join()).not.toContain('keep')
  expect(removal(true, [], new Set(['ConfigMap shop/a']))).toContain(
    'keep ConfigMap shop/a (there are objects of this kind that devk did not create)',
  )
})
