import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { type Container, podTemplate } from '../../../../src/manifests/workload.ts'
import { bringsToNodes } from '../../../../src/up/images/supplying.ts'
import { deployment, desiredOf } from '../support.ts'

const loads = bringsToNodes({ offersKit: (reference) => reference.startsWith('kit/') })

const containerOf = (object: KubeObject, more: object = { loads }): Container => {
  const { objects } = desiredOf([object], {}, more)
  return podTemplate(objects.at(-1)?.object as KubeObject)?.spec.containers[0] as Container
}
const policy = (image: string, imagePullPolicy?: string, more?: object) =>
  containerOf(deployment('a', image, imagePullPolicy === undefined ? {} : { imagePullPolicy }), more).imagePullPolicy

test.each([
  ['nginx', undefined, 'IfNotPresent'],
  ['nginx:latest', undefined, 'IfNotPresent'],
  ['localhost:5001/nginx', undefined, 'IfNotPresent'],
  ['nginx:latest', 'Always', 'IfNotPresent'],
  ['nginx:1.0', 'Always', 'IfNotPresent'],
  ['nginx:1.0', undefined, undefined],
  ['nginx', 'Never', 'Never'],
  ['nginx@sha256:00', 'Always', 'Always'],
])('an image that devk loads is used: %s with the policy %s gets %s', (image, given, wanted) => {
  expect(policy(image, given)).toBe(wanted)
})

test('nodes that pull all images themselves keep the policy', () => {
  expect(policy('nginx', undefined, {})).toBeUndefined()
  expect(policy('nginx:1.0', 'Always', {})).toBe('Always')
})

test('init containers and every kind of workload start from loaded images', () => {
  const initContainers = [{ name: 'init', image: 'busybox' }]
  const spec = { initContainers, containers: [{ name: 'app', image: 'nginx:latest' }], restartPolicy: 'Never' }
  const template = { spec }
  const job = { spec: { template: structuredClone(template) } }
  const objects = [
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: structuredClone(spec) },
    { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'a' }, spec: { jobTemplate: job } },
  ]
  const { objects: desired } = desiredOf(objects, {}, { loads })
  const policies = desired.map(({ object }) => {
    const { initContainers: first = [], containers } = podTemplate(object)?.spec ?? { containers: [] }
    return [...first, ...containers].map(({ imagePullPolicy }) => imagePullPolicy)
  })
  expect(policies).toEqual([
    ['IfNotPresent', 'IfNotPresent'],
    ['IfNotPresent', 'IfNotPresent'],
  ])
})

test('an image that needs a login is left to the nodes, unless the kit builds it', () => {
  const secret = (name: string, image: string): KubeObject => {
    const object = structuredClone(deployment(name, image, { imagePullPolicy: 'Always' }))
    const template = podTemplate(object)
    if (template !== undefined) template.spec.imagePullSecrets = [{ name: 'login' }]
    return object
  }
  expect(containerOf(secret('a', 'acme/app:1')).imagePullPolicy).toBe('Always')
  expect(containerOf(secret('a', 'kit/app:1')).imagePullPolicy).toBe('IfNotPresent')
  const { images } = desiredOf([secret('a', 'acme/app:1'), deployment('b', 'acme/app:1')], {}, { loads })
  expect(images).toMatchObject([{ reference: 'acme/app:1', login: false, loaded: true }])
})
