import { expect, test } from 'vitest'
import { podFields, swapTarget } from '../../../../src/commands/swap/target.ts'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { service } from '../../swap/support.ts'

const workload = (name: string, labels: object = { app: name }): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop', labels: { 'devk.dev/service': name } },
  spec: {
    template: { metadata: { labels }, spec: { containers: [{ name: 'proxy' }, { name: 'main' }] } },
  },
})
const named = (name: string, app: string, spec: object = {}) => service({ selector: { app }, ...spec }, { name })
const recordOf = (name: string, container?: string) => ({
  ...{ name, workload: undefined, namespace: 'shop', url: undefined },
  ...(container === undefined ? {} : { container }),
})
const record = [recordOf('api', 'main'), recordOf('web')]
const workloads = [workload('api'), workload('web')]

const found = (name: string, services: readonly KubeObject[]) => {
  const target = swapTarget(name, { services, workloads, record })
  return [target.service.metadata.name, target.workload?.metadata.name, target.container?.name]
}

test('a service is the Service of its name, or the one that selects its pods', () => {
  expect(found('api', [named('api', 'api'), named('web', 'web')])).toEqual(['api', 'api', 'main'])
  expect(found('web', [named('front', 'web')])).toEqual(['front', 'web', 'proxy'])
  expect(found('front', [named('front', 'web')])).toEqual(['front', 'web', 'proxy'])
})

test('a headless Service beside it does not count', () => {
  expect(found('web', [named('peers', 'web', { clusterIP: 'None' }), named('front', 'web')])[0]).toBe('front')
})

test('a swap that was left is found by the selector that was there before', () => {
  const left = named('front', 'web', { selector: { app: 'web', 'devk.dev/swap': 's1' } })
  expect(found('web', [left])).toEqual(['front', 'web', 'proxy'])
})

test.each([
  ['wep', [named('web', 'web')], /no service wep/],
  ['web', [], /No Service leads to web/],
  ['web', [named('a', 'web'), named('b', 'web')], /several Services: a, b/],
  ['web', [named('web', 'web', { clusterIP: 'None' })], /headless/],
])('%s is a usage error', (name, services, message) => {
  expect(() => swapTarget(name, { services, workloads, record })).toThrow(message)
})

test('fields of the pod are those of the template, and its address is this machine', () => {
  const target = swapTarget('api', { services: [named('api', 'api')], workloads, record })
  expect(podFields(target)).toMatchObject({
    'metadata.namespace': 'shop',
    "metadata.labels['app']": 'api',
    'status.podIP': '127.0.0.1',
    'spec.serviceAccountName': 'default',
  })
})
