import { expect, test } from 'vitest'
import { type KubeObject, keyOf } from '../../../src/kube/api.ts'
import { compare } from '../../../src/stack/compare.ts'
import { isEmpty, rejectConflicts } from '../../../src/stack/plan.ts'
import { planLines } from '../../fakes/plan-lines.ts'
import { asApplied, configMap, deployment, desiredOf } from './support.ts'

const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
const wanted = desiredOf([namespace, configMap('a'), deployment('web')]).objects
const there = wanted.map((entry) => asApplied(entry))
const none = new Map<string, KubeObject>()
const plan = (ours: readonly KubeObject[], others = none, pruneData = false, objects = wanted) =>
  compare(objects, { ours, others }, { pruneData })

test('in an empty cluster everything is created, in order', () => {
  expect(planLines(plan([]))).toEqual([
    'create Namespace shop',
    'create ConfigMap shop/a',
    'create Deployment shop/web',
  ])
})

test('if everything is as wanted, the plan is empty', () => {
  expect(plan(there).actions.map((action) => action.do)).toEqual(['unchanged', 'unchanged', 'unchanged'])
  expect(isEmpty(plan(there))).toBe(true)
})

test('a changed field is an update; whether a field may change, only the server knows', () => {
  const changed = desiredOf([namespace, configMap('a', { x: 'y' }), deployment('web', 'web:2')]).objects
  expect(planLines(plan(there, none, false, changed))).toEqual([
    'update ConfigMap shop/a',
    'update Deployment shop/web',
  ])
  const selector = deployment('web')
  selector.spec = { ...(selector.spec as object), selector: { matchLabels: { other: 'x' } } }
  const moved = desiredOf([namespace, configMap('a'), selector]).objects
  expect(planLines(plan(there, none, false, moved))).toEqual(['update Deployment shop/web'])
})

test('a headless Service that gets an address is replaced, because the server would keep it headless', () => {
  const service = (spec: object): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
  })
  const headless = desiredOf([namespace, service({ clusterIP: 'None' })]).objects
  const before = headless.map((entry) => asApplied(entry))
  const after = (spec: object) => planLines(plan(before, none, false, desiredOf([namespace, service(spec)]).objects))
  expect(after({})[0]).toMatch(/^replace Service shop\/web/)
  expect(after({ clusterIP: 'None', ports: [{ port: 81 }] })).toEqual(['update Service shop/web'])
})

test('objects of the project that are no longer wanted are deleted, last stage first; those with data only if asked', () => {
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

test('a foreign object is a conflict, and a foreign namespace is used and not changed', () => {
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

test('an object that is being deleted is created again once it is gone', () => {
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

test('the lines of a plan show no contents', () => {
  const secret: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { A: 'hunter2' } }
  expect(planLines(plan([], none, false, desiredOf([secret]).objects)).join()).not.toContain('hunter2')
})

test('a Job that failed is tried again, one that is done is not', () => {
  const job: KubeObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate' },
    spec: { template: { spec: { containers: [{ name: 'm', image: 'm:1' }] } } },
  }
  const [entry] = desiredOf([job]).objects.filter(({ object }) => object.kind === 'Job')
  if (entry === undefined) throw new Error('no job')
  const ended = (type: string) => {
    const status = { conditions: [{ type, status: 'True', message: 'too often' }] }
    return planLines(plan([asApplied(entry, { status })], none, false, [entry]))
  }
  expect(ended('Failed')).toEqual(['replace Job default/migrate (it failed, and is tried again)'])
  expect(ended('Complete')).toEqual([])
})
