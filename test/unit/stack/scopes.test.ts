import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { serverScopes } from '../../../src/stack/scopes.ts'
import { fakeKube } from '../../fakes/kube.ts'
import { configMap, desiredOf } from './support.ts'

const { signal } = new AbortController()

test('the server says which kinds have a namespace: its own, and those of definitions that the project does not have', async () => {
  const kube = fakeKube({ kinds: { 'resource.k8s.io/v1 DeviceClass': false, 'issuers.example.com/v1 Global': false } })
  const manifests = [
    { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: 'gpu' } },
    { apiVersion: 'issuers.example.com/v1', kind: 'Global', metadata: { name: 'g' } },
    { apiVersion: 'unknown.example.com/v1', kind: 'Later', metadata: { name: 'l' } },
    configMap('a'),
  ] satisfies KubeObject[]
  const namespaced = await serverScopes(kube, manifests, signal)
  const { objects } = desiredOf(manifests, {}, { namespaced })
  const placed = Object.fromEntries(objects.map(({ object }) => [object.kind, object.metadata.namespace]))
  expect(placed).toEqual({ ConfigMap: 'default', DeviceClass: undefined, Global: undefined, Later: 'default' })
})
