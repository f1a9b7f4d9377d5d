import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DevkError } from '../../../src/errors.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { toObjects } from '../../../src/manifests/rendered.ts'
import { scaled } from '../../../src/manifests/scale/scale.ts'
import { shaped } from '../../../src/manifests/shape.ts'
import { podTemplate } from '../../../src/manifests/workload.ts'
import { parseYaml } from '../../../src/manifests/yaml.ts'
import { demands } from '../../../src/stack/capacity/demand.ts'
import { fitOf } from '../../../src/stack/capacity/fit.ts'
import { desiredState } from '../../../src/stack/desired/desired.ts'
import { configOf } from '../stack/support.ts'

const deployment = (spec: object, kind = 'apps/v1 Deployment') => {
  const [apiVersion = '', name = ''] = kind.split(' ')
  return { apiVersion, kind: name, metadata: { name: 'web' }, spec: { template: { spec } } }
}

test('a field without a value is absent, as for Kubernetes', () => {
  const container = { name: 'c', image: 'i', envFrom: null, env: null, resources: { limits: null }, args: ['', null] }
  const given = deployment({ initContainers: null, containers: [container], volumes: [{ name: 'v', emptyDir: null }] })
  expect(shaped(given)).toEqual({
    object: deployment({
      containers: [{ name: 'c', image: 'i', resources: {}, args: ['', null] }],
      volumes: [{ name: 'v' }],
    }),
    problems: [],
  })
})

test('keys of texts, and fields of custom resources, stay without a value; their pod template does not', () => {
  const map: object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: null }, data: { a: null } }
  expect(shaped(map as KubeObject).object).toEqual({ ...map, metadata: { name: 'a' } })
  const custom: object = {
    apiVersion: 'x.io/v1',
    kind: 'Y',
    metadata: { name: 'a', annotations: null },
    spec: { a: null },
  }
  expect(shaped(custom as KubeObject).object).toEqual({ ...custom, metadata: { name: 'a' } })
  const rollout = deployment({ containers: [{ name: 'c', env: null }] }, 'argoproj.io/v1alpha1 Rollout')
  expect(shaped(rollout).object).toEqual(deployment({ containers: [{ name: 'c' }] }, 'argoproj.io/v1alpha1 Rollout'))
})

test.each([
  [{ containers: [{ name: 'c', env: { A: '1' } }] }, 'containers[0].env must be a list, but is a mapping'],
  [{ containers: [null] }, 'containers[0] must be a mapping, but is empty'],
  [{ containers: { name: 'c' } }, 'containers must be a list, but is a mapping'],
  [
    { containers: [{ name: 'c', image: 1.5 }] },
    'containers[0].image must be a text, but is a number; put quotes around it',
  ],
  [
    { containers: [{ name: 'c', env: [{ name: 'A', value: true }] }] },
    'containers[0].env[0].value must be a text, but is a boolean; put quotes around it',
  ],
])('%j is refused with its path', (spec, problem) => {
  expect(shaped(deployment(spec)).problems).toEqual([`spec.template.spec.${problem}`])
})

test('a mistake is reported with file, line and object', () => {
  const text =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: 1\n'
  expect(() => toObjects(parseYaml(text, 'a.yaml'), 'a.yaml', true)).toThrow(
    expect.objectContaining({
      code: 'MANIFEST_INVALID',
      exitCode: 2,
      details: ['a.yaml:5: Pod/p: spec must be a mapping, but is a number'],
    }),
  )
})

test('values that aliases share are changed one by one', () => {
  const text = [
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      containers:',
    '      - &c {name: a, image: i, resources: &r {limits: {cpu: 1}}}',
    '      - {<<: *c, name: b}',
  ]
  const [entry] = toObjects(parseYaml(text.join('\n'), 'a.yaml'), 'a.yaml', true)
  const containers = (entry && podTemplate(entry.object))?.spec.containers ?? []
  expect(containers[1]?.resources).toEqual({ limits: { cpu: 1 } })
  expect(containers[1]?.resources).toEqual(containers[0]?.resources)
  expect(containers[1]?.resources).not.toBe(containers[0]?.resources)
})

const source = { secretKeyRef: { name: 's', key: 'k' } }
const whole = deployment({
  initContainers: [{ name: 'i', image: 'web:1', volumeMounts: [{ name: 'v', mountPath: '/a', subPath: 'b' }] }],
  containers: [
    {
      name: 'c',
      image: 'web:1',
      command: ['a'],
      env: [
        { name: 'A', value: '$(B)' },
        { name: 'B', valueFrom: source },
      ],
      envFrom: [{ secretRef: { name: 's' } }, { configMapRef: { name: 'm' } }],
      ports: [{ containerPort: 80 }],
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: 2 } },
      volumeMounts: [{ name: 'v', mountPath: '/a', subPath: 'b' }],
    },
  ],
  volumes: [{ name: 'v', projected: { sources: [{ configMap: { name: 'm' } }] } }],
  nodeSelector: { a: 'b' },
  tolerations: [{ key: 'a' }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
      },
    },
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'a', labelSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] } },
      ],
    },
  },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a', labelSelector: { matchLabels: { a: 'b' } } }],
})
const stateful = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', labels: { a: 'b' } },
  spec: {
    ...whole.spec,
    replicas: 2,
    volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: { resources: { requests: { storage: '1Gi' } } } }],
  },
}
const scaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'h' },
  spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, minReplicas: 1 },
}
const others = [
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'i' }, spec: { rules: [{ host: 'a' }] } },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'p' }, spec: { minAvailable: 1 } },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'r' },
    subjects: [{ kind: 'ServiceAccount', name: 'a' }],
  },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'c' },
    spec: { group: 'x.io', scope: 'Cluster', names: { kind: 'X' } },
  },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { a: 'b' } },
]

type Path = readonly (string | number)[]

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at]
  return [at, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...at, key]))]
}

function withValue(base: unknown, path: Path, value: unknown): unknown {
  const copy = structuredClone(base) as Record<string | number, unknown>
  let at = copy
  for (const key of path.slice(0, -1)) at = at[key] as typeof at
  at[path.at(-1) ?? ''] = value
  return copy
}

const config = configOf({
  services: { web: { replicas: 1, command: ['x'], env: { A: '1', C: '2' }, ports: ['8080:80'] } },
  cluster: { loadBalancers: { s: '8080:80' } },
  jobs: { seed: { service: 'web', command: ['x'] } },
  scale: { replicas: 1, requests: { cpu: 0.5, memory: 0.5 }, limits: false, storage: '1Mi', hosts: { a: 'b' } },
})

const room = {
  nodes: [{ name: 'n', allocatable: { cpu: 9e9, memory: 9e12 }, taken: { cpu: 0, memory: 0 }, labels: {}, taints: [] }],
  machine: undefined,
}

test('whatever one field holds, it is read or refused', { timeout: 60_000 }, () => {
  const bases = [whole, stateful, scaler, ...others]
  const place = fc
    .constantFrom(...bases)
    .chain((base) => fc.tuple(fc.constant(base), fc.constantFrom(...pathsOf(base).filter((path) => path.length > 0))))
  const junk = fc.oneof(
    fc.constantFrom(null, '', 'x', 1, true, [], {}, [null], [1], ['x'], { a: null }),
    fc.jsonValue(),
  )
  fc.assert(
    fc.property(place, junk, ([base, path], value) => {
      const broken = withValue(base, path, value)
      try {
        const documents = [broken, ...[whole, others[0]].filter((each) => each !== base)].map((each) => ({
          value: each,
          line: 1,
        }))
        const objects = toObjects(documents, 'a.yaml', true)
        const { objects: rendered } = scaled(objects, config.scale, { externals: new Map(), storage: undefined })
        const images = { web: 'localhost:5001/x/web:1' }
        const secrets = { secrets: {}, externals: {} }
        const desired = desiredState({ config, rendered, images, secrets, hashKey: 'k' })
        fitOf(demands(desired.objects.map(({ object }) => object)), room)
      } catch (error) {
        if (!(error instanceof DevkError)) throw error
      }
    }),
    { numRuns: 1000 },
  )
})

test('a mapping of texts holds texts and empty values only', () => {
  const service = (selector: object) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { selector },
  })
  expect(shaped(service({ app: 'web', none: null })).problems).toEqual([])
  expect(shaped(service({ app: { toString: '' }, tier: 1 })).problems).toEqual([
    'spec.selector.app must be a text, but is a mapping',
    'spec.selector.tier must be a text, but is a number; put quotes around it',
  ])
})
