import { expect, test } from 'vitest'
import { configSchema } from '../../../src/config/schema.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { repositoryOf } from '../../../src/lib/image-reference.ts'
import { ownerProblems, rolesOf } from '../../../src/manifests/owner.ts'
import { transform } from '../../../src/manifests/transform.ts'
import { podTemplate } from '../../../src/manifests/workload.ts'

const deployment = (image = 'todo-backend:1.0', extra: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'todo-backend' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'b' } },
    template: {
      metadata: { labels: { app: 'b' } },
      spec: { containers: [{ name: 'app', image, args: ['x'], env: [{ name: 'A', value: '1' }], ...extra }] },
    },
  },
})

const configOf = (input: object) => configSchema.parse({ name: 'todo', ...input })
const run = (objects: KubeObject[], input: object, images: Record<string, string> = {}) =>
  transform(
    objects.map((object) => ({ object, origin: { file: 'a.yaml', line: 1 } })),
    { config: configOf(input), images },
  ).map(({ object }) => object)

test.each([
  ['todo-backend', 'todo-backend'],
  ['docker.io/library/todo-backend:1.0', 'todo-backend'],
  ['localhost:5001/todo/backend@sha256:00', 'todo/backend'],
  ['localhost/x:1', 'x'],
  ['index.docker.io/library/x', 'x'],
  ['localhost:5001/x', 'x'],
  ['ghcr.io/acme/todo-backend:1.0@sha256:00', 'acme/todo-backend'],
])('the repository of %s is found', (reference, repository) => {
  expect(repositoryOf(reference)).toBe(repository)
})

test('a workload gets image, labels, namespace, command, env and replicas, and keeps its selector', () => {
  const service = { image: 'todo-backend', replicas: 1, command: ['run'], env: { A: '2', B: '3' } }
  const [object] = run(
    [deployment()],
    { deploy: { namespace: 'shop' }, services: { backend: service } },
    { backend: 'localhost:5001/todo/backend:00' },
  )
  const labels = { 'devk.dev/project': 'todo', 'devk.dev/service': 'backend' }
  expect(object).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'todo-backend', namespace: 'shop', labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'b' } },
      template: {
        metadata: { labels: { app: 'b', ...labels } },
        spec: {
          containers: [
            {
              name: 'app',
              image: 'localhost:5001/todo/backend:00',
              imagePullPolicy: 'IfNotPresent',
              command: ['run'],
              env: [
                { name: 'A', value: '2' },
                { name: 'B', value: '3' },
              ],
            },
          ],
        },
      },
    },
  })
})

test('the input is not changed', () => {
  const object = deployment()
  run([object], { services: { backend: { image: 'todo-backend', env: { A: '2' } } } }, { backend: 'x' })
  expect(object).toEqual(deployment())
})

test('the replicas of a workload with an autoscaler are not set', () => {
  const scaler = (name: string): KubeObject => ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } },
  })
  const services = { backend: { image: 'todo-backend', replicas: 3 } }
  expect(run([deployment(), scaler('todo-backend')], { services })[0]?.spec).not.toHaveProperty('replicas')
  expect(run([deployment(), scaler('other')], { services })[0]?.spec).toHaveProperty('replicas', 3)
})

test('the default namespace is set on namespaced objects and on the subjects of bindings', () => {
  const objects: KubeObject[] = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made' } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b', namespace: 'elsewhere' } },
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'planets.x.io' },
      spec: { group: 'x.io', scope: 'Cluster', names: { kind: 'Planet' } },
    },
    { apiVersion: 'x.io/v1', kind: 'Planet', metadata: { name: 'mars' } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'r' },
      subjects: [{ kind: 'ServiceAccount', name: 's' }],
    },
  ]
  const result = run(objects, {})
  const where = Object.fromEntries(result.map(({ metadata }) => [metadata.name, metadata.namespace]))
  expect(where).toEqual({
    made: undefined,
    a: 'made',
    b: 'elsewhere',
    'planets.x.io': undefined,
    mars: undefined,
    r: undefined,
  })
  expect(result.at(-1)?.subjects).toEqual([{ kind: 'ServiceAccount', name: 's', namespace: 'made' }])
})

test('a LoadBalancer and a workload of no service are not changed', () => {
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { type: 'LoadBalancer' },
  }
  const [a, b] = run([service, deployment('redis:7')], {})
  expect(a?.spec).toEqual(service.spec)
  expect(b?.spec).toMatchObject({
    replicas: 2,
    template: { spec: { containers: [{ image: 'redis:7', args: ['x'] }] } },
  })
})

test('the container of a service is found', () => {
  const object = deployment()
  const role = (service: object) => rolesOf(object, configOf({ services: { backend: service } }).services)
  expect(role({ image: 'todo-backend' })).toEqual([{ service: 'backend', containers: ['app'], main: 'app' }])
  expect(role({ workload: 'Deployment/todo-backend' })).toEqual([
    { service: 'backend', containers: ['app'], main: 'app' },
  ])
  expect(role({ workload: 'Deployment/other', image: 'todo-backend' })).toEqual([])
  expect(role({})).toEqual([])
})

test.each([
  [{}, 'services.backend: no workload runs the image "backend"; did you mean "todo-backend"?'],
  [{ image: 'zzz' }, 'services.backend: no workload runs the image "zzz"; the manifests have todo-backend'],
  [
    { workload: 'Deployment/todo-bakend' },
    'services.backend.workload: no manifest has Deployment/todo-bakend; did you mean "Deployment/todo-backend"?',
  ],
  [
    { image: 'todo-backend', container: 'ap' },
    'services.backend.container: Deployment/todo-backend has no container "ap"; did you mean "app"?',
  ],
])('the service %j is refused: %s', (service, problem) => {
  expect(ownerProblems([deployment()], configOf({ services: { backend: service } }).services)).toEqual([problem])
})

test('an Argo Rollout is a workload', () => {
  const rollout = { ...deployment(), apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' }
  const [object] = run([rollout], { services: { backend: { image: 'todo-backend', replicas: 4 } } }, { backend: 'x:1' })
  expect(object).toMatchObject({
    metadata: { labels: { 'devk.dev/service': 'backend' } },
    spec: { replicas: 4, template: { spec: { containers: [{ image: 'x:1' }] } } },
  })
})

test('with a command of its own, a container keeps its place in the rotation and is not killed by its probes', () => {
  const probe = { httpGet: { path: '/', port: 80 } }
  const object = deployment('todo-backend', { livenessProbe: probe, startupProbe: probe, readinessProbe: probe })
  const [own] = run([object], { services: { backend: { image: 'todo-backend', command: ['npm', 'run', 'dev'] } } })
  const [container] = (own && podTemplate(own))?.spec.containers ?? []
  expect(container).not.toHaveProperty('livenessProbe')
  expect(container).not.toHaveProperty('startupProbe')
  expect(container).toHaveProperty('readinessProbe', probe)
  const [kept] = run([object], { services: { backend: { image: 'todo-backend', env: { X: '1' } } } })
  expect(JSON.stringify(kept)).toContain('startupProbe')
})

test('a variable of the configuration replaces that of the manifest in its place', () => {
  const env = [
    { name: 'HOST', value: 'db' },
    { name: 'URL', value: 'tcp://$(HOST)' },
  ]
  const object = deployment('todo-backend', { env })
  const [own] = run([object], { services: { backend: { image: 'todo-backend', env: { HOST: 'here' } } } })
  expect(own).toMatchObject({
    spec: { template: { spec: { containers: [{ env: [{ name: 'HOST', value: 'here' }, env[1]] }] } } },
  })
})

test('a workload of two services has marks for both, and one of a single service has none', () => {
  const both = deployment('todo-backend:1.0')
  const template = podTemplate(both)
  template?.spec.containers.push({ name: 'nginx', image: 'todo-proxy' })
  const services = { backend: { image: 'todo-backend' }, proxy: { image: 'todo-proxy' } }
  const [shared] = run([both], { services })
  expect(shared?.metadata.labels).toMatchObject({ 'service.devk.dev/backend': '', 'service.devk.dev/proxy': '' })
  expect(podTemplate(shared as KubeObject)?.metadata).toMatchObject({
    labels: { 'devk.dev/service': 'backend', 'service.devk.dev/proxy': '' },
    annotations: { 'devk.dev/containers': 'app=backend,nginx=proxy' },
  })
  const [alone] = run([deployment()], { services })
  expect(JSON.stringify(alone)).not.toContain('service.devk.dev')
  expect(podTemplate(alone as KubeObject)?.metadata?.annotations).toBeUndefined()
})
