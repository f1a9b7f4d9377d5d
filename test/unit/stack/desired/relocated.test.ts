import { expect, test } from 'vitest'
import { type KubeObject, keyOf } from '../../../../src/kube/api.ts'
import { podTemplate } from '../../../../src/manifests/workload.ts'
import { configMap, deployment, desiredOf } from '../support.ts'

const within = (object: KubeObject, namespace: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, namespace },
})
const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
const cluster = { provider: 'existing', context: 'shared', namespace: 'ada-{project}', imagePullSecrets: ['pull'] }

test('all objects are in the developer’s namespace, and none in those of the manifests', () => {
  const objects = [namespace('shop'), within(configMap('a'), 'shop'), configMap('b'), within(configMap('c'), 'data')]
  const desired = desiredOf(objects, { cluster })
  expect(desired.namespace).toBe('ada-todo')
  expect(desired.objects.map(({ object }) => keyOf(object)).sort()).toEqual([
    '/ConfigMap ada-todo-data/c',
    '/ConfigMap ada-todo/a',
    '/ConfigMap ada-todo/b',
    '/Namespace ada-todo',
    '/Namespace ada-todo-data',
  ])
})

test('pods have the imagePullSecrets of the configuration in addition to their own', () => {
  const own = deployment('web')
  const template = podTemplate(own)
  if (template !== undefined) template.spec.imagePullSecrets = [{ name: 'theirs' }, { name: 'pull' }]
  const desired = desiredOf([own, deployment('api')], { cluster })
  const secrets = desired.objects.flatMap(({ object }) => podTemplate(object)?.spec.imagePullSecrets ?? [])
  expect(secrets).toEqual([{ name: 'theirs' }, { name: 'pull' }, { name: 'pull' }])
})

test('in a cluster that devk created, the objects keep their namespaces', () => {
  const desired = desiredOf([namespace('shop'), within(configMap('a'), 'shop')])
  expect(desired.objects.map(({ object }) => keyOf(object))).toEqual(['/Namespace shop', '/ConfigMap shop/a'])
})
