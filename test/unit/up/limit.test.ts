import { expect, test } from 'vitest'
import type { DesiredObject } from '../../../src/stack/desired/configured.ts'
import type { Action } from '../../../src/stack/plan.ts'
import { limitedTo, limitedToServices, without } from '../../../src/up/limit.ts'

const image = (service: string) => `localhost:5001/shop/${service}:new`

function wanted(name: string, unit: string | undefined, images: readonly string[]): DesiredObject {
  const spec = { template: { spec: { containers: images.map((each, i) => ({ name: `c${i}`, image: each })) } } }
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'shop' }, spec }
  return { object, unit, origin: { file: 'k8s/shop.yaml', line: 1 } } as unknown as DesiredObject
}

const settings = {
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop' } },
  unit: undefined,
} as unknown as DesiredObject

const actions: readonly Action[] = [
  { do: 'update', wanted: settings },
  { do: 'update', wanted: wanted('api', 'api', [image('api')]) },
  { do: 'update', wanted: wanted('web', 'web', [image('web')]) },
  { do: 'update', wanted: wanted('web-with-api', 'web', [image('web'), image('api')]) },
  { do: 'replace', wanted: wanted('migrate', 'migrate', [image('api')]), uid: '1', why: 'a Job cannot be changed' },
  { do: 'unchanged', wanted: wanted('db', 'db', ['postgres:17']) },
  { do: 'delete', ref: { apiVersion: 'v1', kind: 'Secret', name: 'old' }, uid: '2' },
]
const works = ['api', 'web'].map((owner) => ({ owner, reference: image(owner), request: undefined }))

const names = (plan: { readonly actions: readonly Action[] }) =>
  plan.actions.map((action) => ('wanted' in action ? action.wanted.object.metadata.name : action.ref.name))

test('a rebuild applies the service, what runs its image, and what belongs to no service', () => {
  expect(names(limitedToServices({ actions }, new Set(['api']), works))).toEqual([
    'settings',
    'api',
    'web-with-api',
    'migrate',
  ])
})

test('a limited plan deletes nothing: the successor of the object may belong to a service that is left out', () => {
  const renamed: Action[] = [
    { do: 'create', wanted: wanted('web-2', 'web', [image('web')]), after: undefined },
    { do: 'delete', ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web-1' }, uid: '3' },
  ]
  expect(limitedTo({ actions: renamed }, new Set(['api'])).actions).toEqual([])
  expect(limitedToServices({ actions: renamed }, new Set(['api']), works).actions).toEqual([])
})

test('a service without a built image is selected by its name', () => {
  expect(names(limitedToServices({ actions }, new Set(['db']), works))).toEqual(['settings', 'db'])
})

test('an up of some services leaves out the others', () => {
  expect(names(limitedTo({ actions }, new Set(['web', 'db'])))).toEqual(['settings', 'web', 'web-with-api', 'db'])
})

test('a workload of two services belongs to both', () => {
  const shared = { ...wanted('shop', 'web', [image('web'), image('edge')]), sharedBy: ['edge'] }
  const plan = { actions: [{ do: 'update', wanted: shared }] as const }
  expect(names(limitedTo(plan, new Set(['edge'])))).toEqual(['shop'])
  expect(names(limitedToServices(plan, new Set(['edge']), []))).toEqual(['shop'])
  expect(names(without(plan, new Set(['edge'])))).toEqual([])
})
