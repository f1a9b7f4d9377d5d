import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { freshInventory, saveInventory, withKinds } from '../../../src/stack/inventory.ts'
import { planRemoval, removalOf, removeStack } from '../../../src/stack/remove.ts'
import { planLines } from '../../fakes/plan-lines.ts'
import { asApplied, configMap, deployment, desiredOf, stackKube } from './support.ts'

const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
const existing = desiredOf([namespace, configMap('a'), deployment('web')]).objects.map((entry) => asApplied(entry))

test('down deletes workloads first, and keeps claims and the namespaces that contain them unless asked', () => {
  const [shop, map, web] = existing as [KubeObject, KubeObject, KubeObject]
  const claim: KubeObject = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'd', namespace: 'shop', uid: 'd' },
  }
  const inhabited = new Map<string, string>()
  const removal = (pruneData: boolean, claims: KubeObject[], shared = new Set<string>()) =>
    planLines(removalOf({ objects: [shop, map, web, ...claims], claims, shared, inhabited, pruneData }))
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

const { signal } = new AbortController()
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'databases.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Database', plural: 'databases' },
    versions: [{ name: 'v1', served: true }],
  },
} satisfies KubeObject
const database = { apiVersion: 'example.com/v1', kind: 'Database', metadata: { name: 'd', namespace: 'shop' } }
const operator = deployment('operator')
const claimNamed = (name: string, namespace: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace, ...more },
})

async function deployed(objects: readonly KubeObject[], others: readonly KubeObject[] = []) {
  const kube = stackKube({ kinds: { 'example.com/v1 Database': true } })
  for (const { object } of desiredOf(objects).objects) kube.put(asApplied({ object } as never))
  for (const object of others) kube.put(object)
  await saveInventory(kube, 'todo', withKinds(freshInventory(), [...objects, namespace]), signal)
  return kube
}

test('what somebody made from a copy of an object of the project, with its labels, stays with its namespace and kind', async () => {
  const { uid: _, managedFields: __, ...copied } = (existing[1] as KubeObject).metadata
  const controller = { manager: 'kube-controller-manager', operation: 'Update', subresource: 'status' }
  const writer = { managedFields: [{ manager: 'kubectl-create', operation: 'Update' }, controller] }
  const copy = { ...configMap('copy'), metadata: { ...copied, ...writer, name: 'copy', uid: 'copy' } }
  const instance = { ...database, metadata: { ...copied, ...writer, name: 'd', namespace: 'other', uid: 'd' } }
  const kube = await deployed([namespace, configMap('a'), definition], [copy, instance])
  expect(planLines(await planRemoval(kube, 'todo', { pruneData: true, signal }))).toEqual([
    'delete ConfigMap shop/a',
    'keep CustomResourceDefinition databases.example.com (there are objects of this kind that devk did not create)',
    'keep Namespace shop (it contains ConfigMap shop/copy, which devk did not create)',
  ])
})

test('a namespace in which someone else has an object stays, with all of it, and the object is named', async () => {
  const owned = { ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'uid web', controller: true }] }
  const made = [
    { ...configMap('kube-root-ca.crt'), metadata: { name: 'kube-root-ca.crt', namespace: 'shop' } },
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'web-1', namespace: 'shop', uid: 'r', ...owned } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'web-1-x',
        namespace: 'shop',
        ownerReferences: [{ kind: 'ReplicaSet', name: 'web-1', uid: 'r' }],
      },
    },
  ]
  const kube = await deployed([namespace, deployment('web')], made)
  expect(planLines(await planRemoval(kube, 'todo', { pruneData: false, signal }))).toEqual([
    'delete Deployment shop/web',
    'delete Namespace shop',
  ])
  const theirs = { apiVersion: 'example.com/v1', kind: 'Database', metadata: { name: 'theirs', namespace: 'shop' } }
  kube.put(theirs)
  expect(planLines(await planRemoval(kube, 'todo', { pruneData: true, signal }))).toEqual([
    'delete Deployment shop/web',
    'keep Namespace shop (it contains Database shop/theirs, which devk did not create)',
  ])
})

test('the claims of StatefulSets are found in every namespace, also by a later run that no longer sees the sets', async () => {
  const set: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'stores' },
    spec: { template: { spec: { containers: [] } }, volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
  }
  const foreign = claimNamed('data-db-backup', 'stores', { uid: 'f' })
  const claims = [claimNamed('data-db-0', 'stores', { uid: 'c' }), foreign]
  const kube = await deployed([set], claims)
  const options = { kube, pruneData: false, timeoutMs: 1000, signal }
  await removeStack(await planRemoval(kube, 'todo', options), 'todo', options)
  const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'stores', name: 'data-db-0' }
  expect(kube.peek(ref)).toBeDefined()
  const later = await planRemoval(kube, 'todo', { pruneData: true, signal })
  expect(planLines(later)).toContain('delete PersistentVolumeClaim stores/data-db-0')
  expect(planLines(later).join()).not.toContain('delete PersistentVolumeClaim stores/data-db-backup')
})

test('custom resources are gone before their operator is deleted; one that hangs is named, at every run', async () => {
  const held = { ...database, metadata: { ...database.metadata, finalizers: ['example.com/drop'] } }
  const kube = await deployed([definition, operator, held])
  // The API server keeps an object that has finalizers.
  const strict = {
    ...kube,
    delete: async (...[ref, options]: Parameters<typeof kube.delete>) => {
      const existing = kube.peek(ref)
      if (existing?.metadata.finalizers === undefined) return kube.delete(ref, options)
      kube.put({ ...existing, metadata: { ...existing.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } })
    },
  }
  const options = { kube: strict, pruneData: true, timeoutMs: 150, signal }
  const there = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'operator' }
  for (let run = 0; run < 2; run++) {
    const down = removeStack(await planRemoval(strict, 'todo', options), 'todo', options)
    await expect(down).rejects.toMatchObject({
      code: 'NOT_READY',
      message: expect.stringMatching(/^Database shop\/d .*example.com\/drop/),
    })
    expect(kube.peek(there)).toBeDefined()
  }
  kube.remove({ ...database, namespace: 'shop', name: 'd' })
  await removeStack(await planRemoval(strict, 'todo', options), 'todo', options)
  expect(kube.peek(there)).toBeUndefined()
})
