import { expect, test } from 'vitest'
import { isOurs } from '../../../src/stack/observed.ts'
import { managedFields } from './support.ts'

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
