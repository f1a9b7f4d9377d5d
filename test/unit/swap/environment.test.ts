import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { containerEnvironment } from '../../../src/swap/environment.ts'
import { fakeKube } from '../../fakes/kube.ts'

const encoded = (text: string) => Buffer.from(text).toString('base64')
const map = (name: string, data: object): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data },
})
const secret = (name: string, data: object): KubeObject => ({ ...map(name, data), kind: 'Secret' })

/** What a program gets of a container in a cluster with these objects. */
function environment(container: object, objects: readonly KubeObject[] = []) {
  const kube = fakeKube({ objects })
  const { signal } = new AbortController()
  const fields = { 'metadata.namespace': 'shop' }
  return containerEnvironment({ name: 'api', ...container }, { kube, namespace: 'shop', fields, signal })
}

test('values come from env, ConfigMaps and Secrets, and env wins over envFrom', async () => {
  const { values, missing } = await environment(
    {
      envFrom: [{ configMapRef: { name: 'settings' } }, { prefix: 'DB_', secretRef: { name: 'db' } }],
      env: [
        { name: 'MODE', value: 'dev' },
        { name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'LOG' } } },
        { name: 'KEY', valueFrom: { secretKeyRef: { name: 'db', key: 'PASSWORD' } } },
        { name: 'NS', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      ],
    },
    [
      map('settings', { MODE: 'prod', LOG: 'debug' }),
      secret('db', { PASSWORD: encoded('s3cret'), USER: encoded('todo') }),
    ],
  )
  expect(values).toEqual({
    ...{ MODE: 'dev', LOG: 'debug', LEVEL: 'debug', NS: 'shop' },
    ...{ DB_PASSWORD: 's3cret', DB_USER: 'todo', KEY: 's3cret' },
  })
  expect(missing).toEqual([])
})

test('references to earlier variables are replaced as Kubernetes does', async () => {
  const { values } = await environment({
    env: [
      { name: 'HOST', value: 'db' },
      { name: 'URL', value: 'postgres://$(HOST):5432/$(DATABASE)?a=$$(HOST)' },
      { name: 'EMPTY' },
    ],
  })
  expect(values).toEqual({ HOST: 'db', URL: 'postgres://db:5432/$(DATABASE)?a=$(HOST)', EMPTY: '' })
})

test('what cannot be had is named, and what is optional is left out', async () => {
  const { values, missing } = await environment(
    {
      env: [
        { name: 'A', valueFrom: { secretKeyRef: { name: 'none', key: 'a' } } },
        { name: 'B', valueFrom: { secretKeyRef: { name: 'none', key: 'b', optional: true } } },
        { name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
        { name: 'D', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      ],
    },
    [],
  )
  expect(values).toEqual({})
  expect(missing).toEqual(['A (none has no a)', 'C (metadata.uid of a pod)', 'D (the resources of a pod)'])
})

test('paths of the container and what makes runtimes load code stay there', async () => {
  const names = ['PATH', 'HOME', 'NODE_OPTIONS', 'LD_PRELOAD', 'JAVA_TOOL_OPTIONS', 'BASH_ENV']
  const { values, missing } = await environment({
    env: [...names, 'PATHS', 'NODE_ENV'].map((name) => ({ name, value: '/app' })),
  })
  expect(values).toEqual({ PATHS: '/app', NODE_ENV: '/app' })
  expect(missing.map((each) => each.split(' ')[0])).toEqual(names)
})
