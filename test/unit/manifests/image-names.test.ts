import { expect, test } from 'vitest'
import { configSchema } from '../../../src/config/schema.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { imageNames } from '../../../src/manifests/image-names.ts'
import { ownerProblems, rolesOf } from '../../../src/manifests/owner.ts'

const workload = (name: string, ...images: string[]): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { template: { spec: { containers: images.map((image, index) => ({ name: `c${index}`, image })) } } },
})
const servicesOf = (services: object) => configSchema.parse({ name: 'x', services }).services

/** For each image the service that owns it. */
function owners(images: string[], services: object): Record<string, string[]> {
  const names = imageNames([workload('w', ...images)], servicesOf(services))
  expect(names.problems).toEqual([])
  const all = Object.keys(services)
  return Object.fromEntries(images.map((image) => [image, all.filter((service) => names.isOf(service, image))]))
}

const digest = `sha256:${'a'.repeat(64)}`

test.each<[string, object, Record<string, string[]>]>([
  [
    'a repository in full, on any registry, by any tag or digest',
    { web: { image: 'acme/web' } },
    {
      'ghcr.io/acme/web:1.4.2': ['web'],
      [`ghcr.io/acme/web@${digest}`]: ['web'],
      [`registry.example:5000/acme/web:1.4.2@${digest}`]: ['web'],
      'envoyproxy/envoy:v1.30': [],
      'acme/web-admin': [],
    },
  ],
  ['the last part, if it is the only one', { api: {} }, { 'registry.example/shop/api:1': ['api'], 'redis:7': [] }],
  ['a whole name before a last part', { gateway: {} }, { 'istio/gateway:1.2': [], 'gateway:dev': ['gateway'] }],
  [
    'the last part that no other service names in full',
    { gateway: {}, mesh: { image: 'istio/gateway' } },
    { 'istio/gateway:1.2': ['mesh'], 'acme/gateway': ['gateway'] },
  ],
  [
    'a tag',
    { app: { image: 'shop/app:latest' }, init: { image: 'shop/app:init' } },
    { 'shop/app:init': ['init'], 'shop/app:latest': ['app'], 'shop/app:other': [] },
  ],
  [
    'no tag as the tag latest',
    { a: { image: 'app:latest' }, i: { image: 'app:init' } },
    { app: ['a'], 'app:init': ['i'] },
  ],
  [
    'the tag before any tag',
    { app: { image: 'shop/app' }, init: { image: 'shop/app:init' } },
    { 'shop/app:init': ['init'], 'shop/app:2': ['app'] },
  ],
  [
    'the named registry before others',
    { app: { image: 'ghcr.io/shop/app' } },
    { 'ghcr.io/shop/app:1': ['app'], 'quay.io/shop/app:1': [] },
  ],
  ['another registry, if it is the only one', { app: { image: 'ghcr.io/a/b' } }, { 'quay.io/a/b:1': ['app'] }],
  ['Docker Hub by its names', { app: { image: 'docker.io/library/app' } }, { 'app:1': ['app'] }],
])('%s', (_name, services, expected) => {
  expect(owners(Object.keys(expected), services)).toEqual(expected)
})

test.each<[string, object, string[], string]>([
  [
    'a last part of two repositories',
    { gateway: {} },
    ['istio/gateway:1', 'acme/gateway:2'],
    'services.gateway: "gateway" may be istio/gateway or acme/gateway; set `image` to the one that is built here',
  ],
  [
    'two services of one image',
    { a: { image: 'acme/web' }, b: { image: 'acme/web' } },
    ['acme/web:1'],
    'services.a: services.b names the same image, acme/web:1; set `workload` in each, or name the tag in `image`',
  ],
  [
    'a tag that no workload runs',
    { a: { image: 'acme/web:2' } },
    ['acme/web:1'],
    'services.a: no workload runs the image "acme/web:2"; did you mean "acme/web:1"?',
  ],
])('%s is asked for', (_name, services, images, problem) => {
  expect(ownerProblems([workload('w', ...images)], servicesOf(services))).toEqual([problem])
})

test('in a workload that one service names, its images are no other service’s', () => {
  const services = servicesOf({
    web: { image: 'acme/web' },
    worker: { image: 'acme/web', workload: 'Deployment/worker' },
  })
  const objects = [workload('web', 'acme/web:1'), workload('worker', 'acme/web:1', 'redis:7')]
  const names = imageNames(objects, services)
  expect(ownerProblems(objects, services)).toEqual([])
  expect(objects.map((object) => rolesOf(object, services, names))).toEqual([
    [{ service: 'web', containers: ['c0'], main: 'c0' }],
    [{ service: 'worker', containers: ['c0'], main: 'c0' }],
  ])
})

test('a container that is named gets the image, whatever its own is, with those of the same image', () => {
  const services = servicesOf({ c1: { workload: 'Deployment/w', container: 'c0' } })
  const object = workload('w', 'foo:1', 'acme/c1', 'foo:1')
  expect(rolesOf(object, services)).toEqual([{ service: 'c1', containers: ['c0', 'c2'], main: 'c0' }])
})
