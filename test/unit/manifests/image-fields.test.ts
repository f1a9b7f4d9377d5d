import { expect, test } from 'vitest'
import { configSchema } from '../../../src/config/schema.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { imageFieldProblems, imagesAt, withImagesAt } from '../../../src/manifests/image-fields.ts'
import { ownerProblems } from '../../../src/manifests/owner.ts'
import { transform } from '../../../src/manifests/transform.ts'
import { deployment, desiredOf } from '../stack/support.ts'

const tenant = (spec: object): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Tenant',
  metadata: { name: 'a' },
  spec,
})
const at = (path: string, kind = 'Tenant') => [{ kind, path }]

test.each([
  ['spec.image', { image: 'a' }, ['a']],
  ['.spec.image', { image: 'a' }, ['a']],
  ['spec.pools[*].image', { pools: [{ image: 'a' }, {}, { image: 'b' }] }, ['a', 'b']],
  ['spec.pools[1].image', { pools: [{ image: 'a' }, { image: 'b' }] }, ['b']],
  ['spec.*.image', { x: { image: 'a' }, y: { image: 'b' }, z: 1 }, ['a', 'b']],
  [
    'spec.env[name=IMAGE].value',
    {
      env: [
        { name: 'A', value: 'x' },
        { name: 'IMAGE', value: 'y' },
      ],
    },
    ['y'],
  ],
  ['spec["a.b"]', { 'a.b': 'c' }, ['c']],
  ['spec.images[*]', { images: ['a', 'b'] }, ['a', 'b']],
  ['spec.image', { image: { repository: 'a' } }, []],
  ['spec.image.name', { image: 'a' }, []],
])('images are found at %s', (path, spec, images) => {
  const input = { name: 'a', deploy: { images: at(path) } }
  expect(configSchema.safeParse(input).success).toBe(true)
  expect(imagesAt(tenant(spec), at(path))).toEqual(images)
  expect(
    imagesAt(
      withImagesAt(tenant(spec), at(path), (image) => `${image}:2`),
      at(path),
    ),
  ).toEqual(images.map((image) => `${image}:2`))
})

test('a path that nobody can follow is refused, and a kind may have its group', () => {
  for (const path of ['', 'spec..image', 'spec.pools[]', '{.spec.image}', 'spec.a b']) {
    expect(configSchema.safeParse({ name: 'a', deploy: { images: at(path) } }).success).toBe(false)
  }
  expect(imagesAt(tenant({ image: 'a' }), at('spec.image', 'Tenant.example.com'))).toEqual(['a'])
  expect(imagesAt(tenant({ image: 'a' }), at('spec.image', 'Tenant.other.com'))).toEqual([])
})

test('an image of a service is replaced in a custom resource, in a variable and in a ConfigMap', () => {
  const env = [{ name: 'RUNNER', value: 'acme/runner:1.0' }]
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { image: 'acme/runner' } }
  const images = [
    ...at('spec.image'),
    { kind: 'Deployment', path: 'spec.template.spec.containers[*].env[name=RUNNER].value' },
    { kind: 'ConfigMap', path: 'data.image' },
  ]
  const config = configSchema.parse({ name: 'a', deploy: { images }, services: { runner: { image: 'acme/runner' } } })
  const objects = [tenant({ image: 'acme/runner:2.0' }), deployment('api', 'api:1', { env }), map]
  const rendered = objects.map((object) => ({ object, origin: { file: 'a.yaml', line: 1 } }))
  const result = transform(rendered, { config, images: { runner: 'r/a/runner:00' } })
  expect(result.map((entry) => entry.images)).toEqual([['r/a/runner:00'], ['r/a/runner:00'], ['r/a/runner:00']])
  expect(ownerProblems(objects, config.services, new Set(), images)).toEqual([])
  expect(ownerProblems(objects, config.services)).toHaveLength(1)
})

test('images of others in these fields are brought to the nodes, and built ones keep the name that runs', () => {
  const input = { deploy: { images: at('spec.image') }, services: { runner: {} } }
  const loads = () => true
  const foreign = desiredOf([tenant({ image: 'postgres:17' }), deployment('runner')], input, { loads })
  expect(foreign.images.map(({ reference }) => reference)).toEqual(['postgres:17', 'runner:1'])
  const existing = new Map([['a', tenant({ image: 'r/runner:1' })]])
  const names = new Map([['runner', ['r/runner:1']]])
  const desired = desiredOf([tenant({ image: 'runner' })], input, { images: { runner: 'r/runner:2' }, names, existing })
  expect(desired.built).toEqual({ runner: 'r/runner:1' })
})

test('a field that no object of the kind has is a problem, a kind that is not there is none', () => {
  expect(imageFieldProblems([tenant({})], at('spec.image'))).toEqual([
    'deploy.images[0].path: no Tenant of the manifests has a text at spec.image',
  ])
  expect(imageFieldProblems([], at('spec.image'))).toEqual([])
})
