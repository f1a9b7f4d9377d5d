import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import type { StackEvent } from '../../../src/stack/events.ts'
import { planRemoval, removeStack } from '../../../src/stack/remove.ts'
import type { FakeKube } from '../../fakes/kube.ts'
import { atOnce, never, refusal, up } from './deploy-support.ts'
import { configMap, deployment, rolledOut, stackKube } from './support.ts'

test('the first run applies everything; the second one writes nothing and watches nothing', async () => {
  const kube = stackKube({ onApply: atOnce })
  const objects = [deployment('web'), configMap('a')]
  expect(await up(kube, objects)).toBe(true)
  expect(kube.writes).toEqual([
    'apply Namespace devk-system',
    'apply Secret devk-system/devk-todo',
    'apply ConfigMap devk-system/devk-todo',
    'dry-run ConfigMap default/a',
    'dry-run Deployment default/web',
    'apply ConfigMap default/a',
    'apply Deployment default/web',
  ])
  const [writes, reads] = [kube.writes.length, kube.reads.length]
  expect(await up(kube, objects)).toBe(false)
  expect(kube.writes).toHaveLength(writes)
  expect(kube.reads.slice(reads)).toEqual([
    'get ConfigMap devk-system/devk-todo',
    'get Secret devk-system/devk-todo',
    'list v1 ConfigMap',
    'list apps/v1 Deployment',
  ])
})

test('an object that the manifests no longer contain is pruned, even the last one of its kind', async () => {
  const kube = stackKube({
    onApply: atOnce,
    objects: [{ ...configMap('mine'), metadata: { name: 'mine', namespace: 'default' } }],
  })
  await up(kube, [deployment('web'), configMap('a')])
  await up(kube, [deployment('web')])
  expect(kube.writes.at(-1)).toBe('delete ConfigMap default/a')
  expect(kube.peek({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'mine' })).toBeDefined()
})

test('what the manifests no longer have is deleted when the new pods are ready, not before', async () => {
  let ready = true
  const kube = stackKube({ onApply: (object) => (ready ? atOnce(object) : undefined) })
  await up(kube, [deployment('web'), configMap('settings-1')])
  ready = false
  const crashing = [deployment('web', 'web:2'), configMap('settings-2')]
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'settings-1' }
  const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' }
  const broken = { status: { observedGeneration: 1 } }
  kube.put({ ...(kube.peek(web) as KubeObject), ...broken })
  await expect(up(kube, crashing, {}, 100)).rejects.toMatchObject({ code: 'NOT_READY' })
  expect(kube.peek(settings)).toBeDefined()
  kube.put({ ...(kube.peek(web) as KubeObject), status: rolledOut })
  await up(kube, crashing)
  expect(kube.peek(settings)).toBeUndefined()
})

const claim: KubeObject = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
}
const store = (name: string) => {
  const object = deployment(name)
  const { template } = object.spec as { template: { spec: Record<string, unknown> } }
  template.spec.volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
  return object
}

test('a renamed workload gives up its volume claim before its successor starts on it', async () => {
  const kube = stackKube({ onApply: atOnce })
  await up(kube, [claim, store('db')])
  await up(kube, [claim, store('database')])
  const order = kube.writes.filter((write) => /^(apply|delete) Deployment/.test(write))
  expect(order).toEqual([
    'apply Deployment default/db',
    'delete Deployment default/db',
    'apply Deployment default/database',
  ])
})

test('a node port moves from one Service to another, and two Services can exchange theirs', async () => {
  const service = (name: string, nodePort: number): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { type: 'NodePort', ports: [{ port: 80, nodePort }] },
  })
  const used = (object: KubeObject) => (object.spec as { ports: { nodePort?: number }[] }).ports[0]?.nodePort
  const ref = (name: string) => ({ apiVersion: 'v1', kind: 'Service', namespace: 'default', name })
  const names = ['a', 'b', 'c']
  const kube: FakeKube = stackKube({
    onApply(object) {
      if (object.kind !== 'Service') return undefined
      const others = names.filter((name) => name !== object.metadata.name).flatMap((name) => kube.peek(ref(name)) ?? [])
      if (used(object) === undefined || !others.some((other) => used(other) === used(object))) return undefined
      throw refusal(422, { reason: 'Invalid', message: 'provided port is already allocated' })
    },
  })
  const ports = () => names.map((name) => used(kube.peek(ref(name)) ?? service('none', 0)))
  await up(kube, [service('a', 30001), service('b', 30002)])
  await up(kube, [service('a', 30003), service('b', 30001)])
  expect(ports()).toEqual([30003, 30001, 0])
  await up(kube, [service('a', 30001), service('b', 30003)])
  expect(ports()).toEqual([30001, 30003, 0])
  await up(kube, [service('a', 30001), service('c', 30003)])
  expect(ports()).toEqual([30001, 0, 30003])
})

test('a workload is applied once its dependencies are ready, and until then its reason names them', async () => {
  const kube = stackKube({
    onApply: (object) => (object.kind === 'Deployment' ? { ...object, status: rolledOut } : undefined),
  })
  const config = { services: { web: { dependsOn: ['db'] } }, externals: { db: { image: 'x', port: 1, volume: '/d' } } }
  const events: StackEvent[] = []
  const running = up(kube, [deployment('web')], config, 5000, events)
  const db = { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace: 'todo-externals', name: 'db' }
  await until(() => events.some((event) => event.type === 'waiting' && event.reason === 'waits for db'))
  const object = kube.peek(db) as KubeObject
  expect(kube.writes).not.toContain('apply Deployment default/web')
  kube.put({ ...object, status: { ...rolledOut, currentRevision: 'a', updateRevision: 'a' } })
  await running
  expect(kube.writes.at(-1)).toBe('apply Deployment default/web')
})

test('down deletes the objects of the project and its inventory, and can be repeated', async () => {
  const mine = { ...configMap('mine'), metadata: { name: 'mine', namespace: 'default' } }
  const kube = stackKube({ onApply: atOnce, objects: [mine] })
  await up(kube, [deployment('web'), configMap('a')])
  const options = { kube, pruneData: false, timeoutMs: 1000, signal: never }
  await removeStack(await planRemoval(kube, 'todo', options), 'todo', options)
  expect(kube.writes.filter((write) => write.startsWith('delete'))).toEqual([
    'delete Deployment default/web',
    'delete ConfigMap default/a',
    'delete ConfigMap devk-system/devk-todo',
    'delete Secret devk-system/devk-todo',
    'delete Namespace devk-system',
  ])
  const again = await planRemoval(kube, 'todo', options)
  expect(again).toEqual({ actions: [] })
  await removeStack(again, 'todo', options)
  expect(kube.peek({ ...mine, namespace: 'default', name: 'mine' })).toBeDefined()
})

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('a balanced Service has its address in the status, which is written again when it is lost', async () => {
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
  }
  const kube = stackKube()
  const config = { cluster: { loadBalancers: { web: '8080:80' } } }
  const ref = { apiVersion: 'v1', kind: 'Service', namespace: 'default', name: 'web' }
  const addressed = { loadBalancer: { ingress: [{ hostname: 'localhost' }] } }
  expect(await up(kube, [service], config)).toBe(true)
  expect(kube.peek(ref)?.status).toEqual(addressed)
  expect(await up(kube, [service], config)).toBe(false)
  const there = kube.peek(ref) as KubeObject
  kube.put({ ...there, status: { loadBalancer: {} } })
  expect(await up(kube, [service], config)).toBe(true)
  expect(kube.peek(ref)?.status).toEqual(addressed)
})

test('a workload is created with the replicas of its manifest; from then on its autoscaler owns the number', async () => {
  const scaler: KubeObject = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
  }
  const web = (image: string) => {
    const object = deployment('web', image)
    return { ...object, spec: { ...(object.spec as object), replicas: 3 } }
  }
  const status = { ...rolledOut, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }
  const kube = stackKube({
    kinds: { 'autoscaling/v2 HorizontalPodAutoscaler': true },
    onApply: (object) => (object.kind === 'Deployment' ? { ...object, status } : undefined),
  })
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' }
  await up(kube, [web('web:1'), scaler])
  expect(kube.peek(ref)?.spec).toMatchObject({ replicas: 3 })
  const there = kube.peek(ref) as KubeObject
  kube.put({ ...there, spec: { ...(there.spec as object), replicas: 2 } })
  await up(kube, [web('web:2'), scaler])
  expect(kube.peek(ref)?.spec).toMatchObject({ replicas: 2 })
})
