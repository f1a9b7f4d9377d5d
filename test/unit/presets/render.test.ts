import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { podTemplate } from '../../../src/manifests/workload.ts'
import type { Preset } from '../../../src/presets/folder.ts'
import { renderPreset } from '../../../src/presets/render.ts'
import { presetUrls } from '../../../src/presets/urls.ts'

const preset = { name: 'mail', namespace: 'mail' } as Preset
const context = { project: 'todo', images: new Map(), portNode: 'todo-control-plane' }

function deployment(container: object, spec: object = {}): KubeObject {
  const template = { spec: { containers: [{ name: 'mail', image: 'mail:1.0', ...container }], ...spec } }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'mail' }, spec: { template } }
}

const render = (objects: KubeObject[], own: Partial<typeof context> = {}) =>
  renderPreset(
    preset,
    objects.map((object) => ({ object, origin: { file: 'mail.yaml', line: 1 } })),
    { ...context, ...own },
  ).map(({ object }) => object)

const own = { 'devk.dev/project': 'todo', 'devk.dev/preset': 'mail' }

test('every object gets the namespace of the preset and the labels, and the namespace is created', () => {
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'mail' } }
  const [namespace, clusterRole, workload] = render([role, deployment({})])
  expect(namespace).toMatchObject({ kind: 'Namespace', metadata: { name: 'mail', labels: own } })
  expect(clusterRole?.metadata).toEqual({ name: 'mail', labels: own })
  expect(workload?.metadata).toMatchObject({ namespace: 'mail', labels: own })
  expect(podTemplate(workload as KubeObject)?.metadata?.labels).toEqual(own)
})

test('a pod with a host port runs on the node with the mapped ports', () => {
  const [, pinned] = render([deployment({ ports: [{ containerPort: 80, hostPort: 80 }] })])
  expect(podTemplate(pinned as KubeObject)?.spec.nodeSelector).toEqual({
    'kubernetes.io/hostname': 'todo-control-plane',
  })
  const [, free] = render([deployment({ ports: [{ containerPort: 80 }] })])
  expect(podTemplate(free as KubeObject)?.spec.nodeSelector).toBeUndefined()
})

test('an image is replaced by the one to run', () => {
  const [, workload] = render([deployment({})], { images: new Map([['mail:1.0', 'mail:0.9']]) })
  expect(podTemplate(workload as KubeObject)?.spec.containers[0]?.image).toBe('mail:0.9')
})

test.each([
  ['mounted', deployment({}, { volumes: [{ name: 'c', configMap: { name: 'c' } }] })],
  ['in envFrom', deployment({ envFrom: [{ configMapRef: { name: 'c' } }] })],
])('a change of a ConfigMap that is %s changes the pod template', (_how, workload) => {
  const map = (text: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { text } })
  const mark = (text: string) => {
    const template = podTemplate(render([map(text), workload])[2] as KubeObject)
    return template?.metadata?.annotations?.['devk.dev/mounts']
  }
  expect(mark('a')).toMatch(/^[0-9a-f]{16}$/)
  expect(mark('a')).toBe(mark('a'))
  expect(mark('a')).not.toBe(mark('b'))
})

test('a URL has the host name of the ingress, or else the forwarded port', () => {
  const ports = [{ name: 'ui', service: 'mail', port: 80, forward: 18025 }]
  const spec = {
    urls: [{ name: 'mail', host: 'mail.localhost', forward: 'ui', path: '/' }],
    ports,
  } as unknown as Preset
  expect(presetUrls(spec, 80)).toEqual([{ name: 'mail', url: 'http://mail.localhost/', whileRunning: false }])
  expect(presetUrls(spec, 8080)[0]?.url).toBe('http://mail.localhost:8080/')
  expect(presetUrls(spec, undefined)).toEqual([{ name: 'mail', url: 'http://localhost:18025/', whileRunning: true }])
})
