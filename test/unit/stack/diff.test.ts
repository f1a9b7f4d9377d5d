import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { fieldChanges } from '../../../src/stack/diff.ts'

const object = (kind: string, more: object, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', labels: { 'devk.dev/hash': JSON.stringify(more), ...labels } },
  ...more,
})
const lines = (there: KubeObject, wanted: KubeObject) =>
  fieldChanges(there, wanted).map(({ path, from, to }) => `${path}: ${from} → ${to}`)

test('list items with names are compared one by one, other lists as a whole', () => {
  const before = { spec: { containers: [{ name: 'a', image: 'a:1', args: ['x'] }, { name: 'b' }] } }
  const after = { spec: { containers: [{ name: 'a', image: 'a:2', args: ['x', 'y'] }, { name: 'c' }] } }
  expect(lines(object('Pod', before), object('Pod', after))).toEqual([
    'spec.containers[a].image: a:1 → a:2',
    'spec.containers[a].args: ["x"] → ["x","y"]',
    'spec.containers[b].name: b → undefined',
    'spec.containers[c].name: undefined → c',
  ])
})

test('fields that only the server sets are no change, and neither is the hash', () => {
  const fieldsV1 = { 'f:data': { 'f:a': {} }, 'f:metadata': { 'f:labels': { 'f:team': {} } } }
  const there = object('ConfigMap', { data: { a: '1', theirs: '2' } }, { team: 'one', added: 'x' })
  there.metadata.managedFields = [{ manager: 'devk', operation: 'Apply', fieldsV1 }]
  expect(lines(there, object('ConfigMap', { data: { a: '1' } }, { team: 'two' }))).toEqual([
    'metadata.labels.team: one → two',
  ])
})

test('values of a Secret are not shown', () => {
  const reported = fieldChanges(
    object('Secret', { data: { a: 'hush', b: 'old' } }),
    object('Secret', { data: { a: 'new' } }),
  )
  expect(reported.map(({ path }) => path)).toEqual(['data.a', 'data.b'])
  expect(JSON.stringify(reported)).not.toMatch(/hush|new|old/)
})

test('the server is asked what it would store, so its defaults are no change', () => {
  const claims = (storage: string, more: object = {}) => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, ...more }
    return { spec: { clusterIP: '10.0.0.1', volumeClaimTemplates: [{ metadata: { name: 'data' }, spec }] } }
  }
  const stored = { volumeMode: 'Filesystem' }
  const there = object('StatefulSet', claims('1Gi', stored))
  const fieldsV1 = { 'f:spec': { 'f:volumeClaimTemplates': {} } }
  there.metadata.managedFields = [{ manager: 'devk', operation: 'Apply', fieldsV1 }]
  const { clusterIP: _, ...spec } = claims('2Gi').spec
  const preview = object('StatefulSet', { spec: { ...claims('2Gi', stored).spec, clusterIP: '10.0.0.2' } })
  const changes = fieldChanges(there, object('StatefulSet', { spec }), preview)
  expect(changes).toEqual([
    { path: 'spec.volumeClaimTemplates[data].spec.resources.requests.storage', from: '1Gi', to: '2Gi' },
  ])
})
