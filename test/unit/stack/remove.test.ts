import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { removalOf } from '../../../src/stack/remove.ts'
import { planLines } from '../../fakes/plan-lines.ts'
import { asApplied, configMap, deployment, desiredOf } from './support.ts'

const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
const existing = desiredOf([namespace, configMap('a'), deployment('web')]).objects.map((entry) => asApplied(entry))

test('down deletes workloads first, and keeps claims and the namespaces that contain them unless asked', () => {
  const [shop, map, web] = existing as [KubeObject, KubeObject, KubeObject]
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
