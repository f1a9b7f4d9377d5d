import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import type { Desired } from '../../../../src/stack/desired/desired.ts'
import { configMap, deployment, desiredOf } from '../support.ts'

const names = ({ objects }: Desired) =>
  objects.map(({ object }) => `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`)
const find = (desired: Desired, kind: string, name: string) =>
  desired.objects.find(({ object }) => object.kind === kind && object.metadata.name === name)?.object as KubeObject

const db = { image: 'postgres:17', port: 5432, volume: '/data', secret: { fromEnvFile: '.env' }, forward: '15432' }

test('the desired state has all objects in the order in which they are applied', () => {
  const desired = desiredOf(
    [deployment('backend'), configMap('a'), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }],
    {
      services: { backend: { ports: ['8000', '18080:80'], dependsOn: [{ name: 'db', wait: false }, 'seed'] } },
      externals: { db },
      secrets: { s: { fromEnvFile: '.env' } },
      jobs: { seed: { service: 'backend', command: ['seed'] }, other: { image: 'x', command: ['y'] } },
    },
    {
      images: { backend: 'localhost:5001/todo/backend:1' },
      secrets: { secrets: { s: { A: 'b' } }, externals: { db: {} } },
    },
  )
  expect(names(desired)).toEqual([
    'Namespace /todo-externals',
    'Namespace /shop',
    'ConfigMap shop/a',
    'Secret shop/s',
    'Secret todo-externals/db',
    'Service todo-externals/db',
    'Service shop/db',
    'Deployment shop/backend',
    'StatefulSet todo-externals/db',
    'Job shop/todo-seed',
  ])
  expect(desired).toMatchObject({
    namespace: 'shop',
    services: { backend: [{ workload: { kind: 'Deployment', name: 'backend' }, container: 'app' }] },
    images: [{ reference: 'postgres:17', login: false }],
    dependsOn: { backend: ['seed'] },
    forwards: [
      { name: 'backend', namespace: 'shop', selector: 'devk.dev/service=backend', local: 8000, remote: 8000 },
      { name: 'backend', namespace: 'shop', selector: 'devk.dev/service=backend', local: 18080, remote: 80 },
      { name: 'db', namespace: 'todo-externals', selector: 'devk.dev/external=db', local: 15432, remote: 5432 },
    ],
  })
  const units = desired.objects.flatMap(({ object, unit }) => (unit === undefined ? [] : [`${object.kind} ${unit}`]))
  expect(units).toEqual(['Deployment backend', 'StatefulSet db', 'Job seed'])
})

test('the hash changes with the object and with nothing else', () => {
  const hash = (data: object, key = 'key') =>
    find(desiredOf([configMap('a', data)], {}, { hashKey: key }), 'ConfigMap', 'a').metadata.labels?.['devk.dev/hash']
  expect(hash({ a: '1' })).toBe(hash({ a: '1' }))
  expect(hash({ a: '1' })).not.toBe(hash({ a: '2' }))
  expect(hash({ a: '1' })).not.toBe(hash({ a: '1' }, 'other'))
})

test('a workload changes with the Secrets that its environment uses, and with no others', () => {
  const from = (env: object) => deployment('backend', 'backend:1', env)
  const template = (object: KubeObject, value: string) => {
    const more = { secrets: { secrets: { s: { A: value } }, externals: {} } }
    const desired = desiredOf([object], { secrets: { s: { fromEnvFile: '.env' } } }, more)
    return (find(desired, 'Deployment', 'backend').spec as { template: object }).template
  }
  const ref = { secretKeyRef: { name: 's', key: 'A' } }
  for (const env of [{ env: [{ name: 'A', valueFrom: ref }] }, { envFrom: [{ secretRef: { name: 's' } }] }]) {
    expect(template(from(env), '1')).not.toEqual(template(from(env), '2'))
    expect(template(from(env), '1')).toEqual(template(from(env), '1'))
  }
  expect(template(from({}), '1')).toEqual(template(from({}), '2'))
})

test.each([
  ['a mount with subPath', { volumeMounts: [{ name: 'v', mountPath: '/a', subPath: 'a' }] }, true],
  ['a mount with subPathExpr', { volumeMounts: [{ name: 'v', mountPath: '/a', subPathExpr: '$(A)' }] }, true],
  ['a mount of the whole volume', { volumeMounts: [{ name: 'v', mountPath: '/a' }] }, false],
])('%s of a ConfigMap makes new pods when it changes: %s', (_name, container, expected) => {
  const volumes = [
    { configMap: { name: 'c' } },
    { projected: { sources: [{ configMap: { name: 'c' } }, { secret: { name: 's' } }] } },
  ]
  const template = (value: string, volume: object, own: object) => {
    const object = deployment('backend', 'backend:1', container)
    const { spec } = (object.spec as { template: { spec: Record<string, unknown> } }).template
    Object.assign(spec, { volumes: [{ name: 'v', ...volume }] }, own)
    const desired = desiredOf([object, configMap('c', { a: value })])
    return (find(desired, 'Deployment', 'backend').spec as { template: object }).template
  }
  const init = { initContainers: [{ name: 'i', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/a' }] }] }
  for (const volume of volumes) {
    const changes = JSON.stringify(template('1', volume, {})) !== JSON.stringify(template('2', volume, {}))
    expect(changes).toBe(expected)
    // An init container has read its files, however they are mounted.
    expect(template('1', volume, init)).not.toEqual(template('2', volume, init))
  }
})

test('the configuration replaces the Secret and the ExternalName Service of production', () => {
  const secret: KubeObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    stringData: { A: 'production' },
  }
  const alias: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'db' },
    spec: { type: 'ExternalName', externalName: 'db.example.com' },
  }
  const config = { secrets: { s: { fromEnvFile: '.env' } }, externals: { db: { image: 'x', port: 1 } } }
  const desired = desiredOf([secret, alias], config, { secrets: { secrets: { s: { A: 'here' } }, externals: {} } })
  expect(find(desired, 'Secret', 's')).toMatchObject({ data: { A: 'aGVyZQ==' } })
  const services = desired.objects.filter(
    ({ object }) => object.kind === 'Service' && object.metadata.namespace === 'default',
  )
  expect(services.map(({ object }) => object.spec)).toEqual([
    { type: 'ExternalName', externalName: 'db.todo-externals.svc.cluster.local' },
  ])
})

test('another Service of that name is a duplicate', () => {
  const service: KubeObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'db' }, spec: { selector: {} } }
  const config = { externals: { db: { image: 'x', port: 1 } } }
  expect(() => desiredOf([service], config)).toThrow('The manifests have the same object twice')
})

test('a service without a workload is reported with its path in the configuration', () => {
  const run = () => desiredOf([deployment('todo-backend')], { services: { backend: {} } })
  expect(run).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
})

test('an image keeps the name that runs, if the engine has it under several', () => {
  const object = deployment('backend')
  const running = structuredClone(object)
  const input = { services: { backend: {} } }
  const template = (running.spec as { template: { spec: { containers: { image: string }[] } } }).template
  const used = (given: object) => {
    const desired = desiredOf([object], input, { images: { backend: 'r/backend:2' }, ...given })
    const spec = find(desired, 'Deployment', 'backend').spec as typeof running.spec & { template: typeof template }
    return [spec.template.spec.containers[0]?.image, desired.built.backend]
  }
  const names = new Map([['backend', ['r/backend:0', 'r/backend:1']]])
  for (const container of template.spec.containers) container.image = 'r/backend:1'
  const existing = new Map([['a', running]])
  expect(used({ names, existing })).toEqual(['r/backend:1', 'r/backend:1'])
  expect(used({ existing })).toEqual(['r/backend:2', 'r/backend:2'])
  for (const container of template.spec.containers) container.image = 'r/backend:9'
  expect(used({ names, existing })).toEqual(['r/backend:2', 'r/backend:2'])
})

test('a service that other images are built from needs no workload', () => {
  const input = { services: { backend: {}, base: { build: { context: '.' } } } }
  expect(() => desiredOf([deployment('backend')], input)).toThrow('do not match')
  expect(desiredOf([deployment('backend')], input, { bases: new Set(['base']) }).services).toHaveProperty('backend')
})
