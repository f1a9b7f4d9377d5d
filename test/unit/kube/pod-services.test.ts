import { expect, test } from 'vitest'
import { containersOfService, serviceOfContainer, servicesOf, sharedMarks } from '../../../src/kube/pod-services.ts'

const podWith = (containers: Record<string, string[]>) => {
  const marks = sharedMarks(containers)
  const [first = ''] = Object.keys(containers)
  return {
    metadata: {
      name: 'shop-1',
      labels: { 'devk.dev/service': first, ...marks.labels },
      annotations: marks.annotations,
    },
  }
}

test('a pod of one service has no marks, and all of its containers belong to the service', () => {
  const pod = podWith({ web: ['php'] })
  expect(sharedMarks({ web: ['php'] })).toEqual({ labels: {}, annotations: {} })
  expect(servicesOf(pod)).toEqual(['web'])
  expect(serviceOfContainer(pod, 'istio-proxy')).toBe('web')
  expect(containersOfService(pod, 'web')).toBeUndefined()
})

test('a pod of two services tells which container belongs to which', () => {
  const pod = podWith({ web: ['php', 'init-web'], proxy: ['nginx'] })
  expect(servicesOf(pod)).toEqual(['web', 'proxy'])
  expect(['php', 'init-web', 'nginx'].map((container) => serviceOfContainer(pod, container))).toEqual([
    'web',
    'web',
    'proxy',
  ])
  expect(containersOfService(pod, 'web')).toEqual(['php', 'init-web'])
  expect(containersOfService(pod, 'proxy')).toEqual(['nginx'])
})

test('a container that runs no service of the pod counts to the first one', () => {
  expect(serviceOfContainer(podWith({ web: ['php'], proxy: ['nginx'] }), 'istio-proxy')).toBe('web')
})

test('a pod of nobody has no service', () => {
  expect(servicesOf({ metadata: { name: 'other' } })).toEqual([])
  expect(serviceOfContainer({ metadata: { name: 'other' } }, 'main')).toBeUndefined()
})
