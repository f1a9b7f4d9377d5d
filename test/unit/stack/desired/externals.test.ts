import { expect, test } from 'vitest'
import type { External } from '../../../../src/config/schema.ts'
import { externalForward, externalObjects } from '../../../../src/stack/desired/externals.ts'
import { configOf } from '../support.ts'

const external = (input: object): External =>
  configOf({ externals: { db: { port: 5432, ...input } } }).externals.db as External
const input = { project: 'todo', namespace: 'shop', image: 'postgres:17', values: undefined }

test('an external with data is a StatefulSet with a claim, a Secret, and an alias in the project’s namespace', () => {
  const spec = external({ volume: '/var/lib/postgresql/data', env: { A: 'b' }, service: 'database' })
  const objects = externalObjects('db', spec, { ...input, values: { POSTGRES_PASSWORD: 'x' } })
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
    'Secret todo-externals/db',
    'Service todo-externals/db',
    'Service shop/database',
    'StatefulSet todo-externals/db',
  ])
  expect(objects[2]?.spec).toEqual({ type: 'ExternalName', externalName: 'db.todo-externals.svc.cluster.local' })
  expect(objects[3]?.spec).toMatchObject({
    serviceName: 'db',
    volumeClaimTemplates: [{ metadata: { name: 'data', labels: { 'devk.dev/project': 'todo' } } }],
    template: {
      spec: {
        enableServiceLinks: false,
        containers: [
          {
            image: 'postgres:17',
            env: [{ name: 'A', value: 'b' }],
            envFrom: [{ secretRef: { name: 'db' } }],
            volumeMounts: [{ name: 'data', mountPath: '/var/lib/postgresql/data' }],
            readinessProbe: { tcpSocket: { port: 5432 } },
          },
        ],
      },
    },
  })
  expect(JSON.stringify(objects.slice(1))).not.toContain('POSTGRES_PASSWORD')
})

test('an external without data is a Deployment that never runs two pods', () => {
  const objects = externalObjects('db', external({}), input)
  expect(objects.map(({ kind }) => kind)).toEqual(['Service', 'Service', 'Deployment'])
  expect(objects[2]?.spec).toMatchObject({ strategy: { type: 'Recreate' }, replicas: 1 })
})

test.each([
  [{}, undefined],
  [{ forward: 15432 }, { local: 15432, remote: 5432 }],
  [{ forward: '15432:99' }, { local: 15432, remote: 99 }],
])('the external %j forwards %j', (spec, pair) => {
  expect(externalForward(external(spec))).toEqual(pair)
})
