import { expect, test } from 'vitest'
import { configSchema } from '../../../../src/config/schema.ts'
import type { KubeObject } from '../../../../src/kube/api.ts'
import type { ScalePlace } from '../../../../src/manifests/scale/rule.ts'
import { scaled } from '../../../../src/manifests/scale/scale.ts'

const place: ScalePlace = {
  externals: new Map([['postgres', 'postgres.shop-externals.svc.cluster.local']]),
  storage: { classes: ['standard'], provisioner: 'rancher.io/local-path' },
}
const origin = { file: 'k8s/a.yaml', line: 1 }

function run(scale: object, ...objects: KubeObject[]) {
  const rules = configSchema.parse({ name: 'shop', scale }).scale
  const before = structuredClone(objects)
  const result = scaled(
    objects.map((object) => ({ object, origin })),
    rules,
    place,
  )
  expect(objects).toEqual(before)
  return {
    objects: result.objects.map(({ object }) => object),
    applied: result.applied.map(({ rule, field, from, to }) => `${rule} ${field}: ${from} → ${to}`),
  }
}

const object = (apiVersion: string, kind: string, spec: object, name = 'x', more: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name },
  spec,
  ...more,
})
const workload = (spec: object, container: object = {}) =>
  object('apps/v1', 'Deployment', {
    ...spec,
    template: { spec: { containers: [{ name: 'app', ...container }] } },
  })

test('without rules nothing changes', () => {
  const all = [
    workload({ replicas: 5 }, { resources: { requests: { cpu: '2', memory: '4Gi' } } }),
    object('policy/v1', 'PodDisruptionBudget', { minAvailable: 2 }),
    object('v1', 'ResourceQuota', { hard: { 'requests.cpu': '10' } }),
  ]
  expect(run({}, ...all)).toEqual({ objects: all, applied: [] })
})

test.each([
  ['Deployment', 5, 2, ['scale.replicas spec.replicas: 5 → 2']],
  ['StatefulSet', 3, 2, ['scale.replicas spec.replicas: 3 → 2']],
  ['Deployment', 1, 1, []],
  ['Deployment', 0, 0, []],
])('the replicas of a %s are scaled from %i to %i', (kind, before, after, applied) => {
  const result = run({ replicas: 2 }, object('apps/v1', kind, { replicas: before }))
  expect(result.objects[0]?.spec).toEqual({ replicas: after })
  expect(result.applied).toEqual(applied)
})

test('an autoscaler keeps its limits but starts lower, and gets a lower maximum only on request', () => {
  const hpa = object('autoscaling/v2', 'HorizontalPodAutoscaler', { minReplicas: 3, maxReplicas: 20 })
  expect(run({ replicas: 2 }, hpa).objects[0]?.spec).toEqual({ minReplicas: 2, maxReplicas: 20 })
  expect(run({ replicas: 4, autoscale: 2 }, hpa).objects[0]?.spec).toEqual({ minReplicas: 2, maxReplicas: 2 })
})

test('requests are scaled and rounded up, and limits change only on request', () => {
  const resources = { requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: '1', memory: '1Gi' } }
  const result = run({ requests: { cpu: 0.1 } }, workload({}, { resources }))
  expect(result.objects[0]).toMatchObject({
    spec: {
      template: {
        spec: { containers: [{ resources: { requests: { cpu: '25m', memory: '256Mi' }, limits: { cpu: '1' } } }] },
      },
    },
  })
  expect(result.applied).toEqual(['scale.requests containers[app].resources.requests.cpu: 250m → 25m'])
  expect(run({ requests: 0.3 }, workload({}, { resources })).applied).toEqual([
    'scale.requests containers[app].resources.requests.cpu: 250m → 75m',
    'scale.requests containers[app].resources.requests.memory: 256Mi → 77Mi',
  ])
})

test('a container with limits only is scaled as if it requested them', () => {
  const result = run({ requests: 0.5 }, workload({}, { resources: { limits: { cpu: 1 } } }))
  expect(result.objects[0]).toMatchObject({
    spec: { template: { spec: { containers: [{ resources: { requests: { cpu: '500m' }, limits: { cpu: 1 } } }] } } },
  })
})

test('limits are scaled or removed, and no request stays above its limit', () => {
  const resources = { requests: { memory: '512Mi' }, limits: { cpu: '2', memory: '1Gi' } }
  expect(run({ limits: { memory: 0.25 } }, workload({}, { resources })).applied).toEqual([
    'scale.limits containers[app].resources.limits.memory: 1Gi → 256Mi',
    'scale.limits containers[app].resources.requests.memory: 512Mi → 256Mi',
  ])
  expect(run({ limits: false }, workload({}, { resources })).applied).toEqual([
    'scale.limits containers[app].resources.limits.cpu: 2 → none',
    'scale.limits containers[app].resources.limits.memory: 1Gi → none',
  ])
})

test('a LimitRange is scaled with the requests, so that it does not refuse them', () => {
  const range = object('v1', 'LimitRange', {
    limits: [{ type: 'Container', min: { cpu: '100m' }, max: { cpu: '2' }, defaultRequest: { memory: '128Mi' } }],
  })
  expect(run({ requests: 0.5 }, range).objects[0]?.spec).toEqual({
    limits: [{ type: 'Container', min: { cpu: '50m' }, max: { cpu: '2' }, defaultRequest: { memory: '64Mi' } }],
  })
})

const claim = (storageClassName: string | undefined, storage = '50Gi') => ({
  accessModes: ['ReadWriteOnce'],
  storageClassName,
  resources: { requests: { storage } },
})

test('volume claims shrink, also those of a StatefulSet', () => {
  const set = object('apps/v1', 'StatefulSet', {
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim(undefined) }],
  })
  const result = run({ storage: '1Gi' }, set, object('v1', 'PersistentVolumeClaim', claim(undefined, '500Mi')))
  expect(result.applied).toEqual(['scale.storage volumeClaimTemplates[data].resources.requests.storage: 50Gi → 1Gi'])
})

test('an undefined storage class becomes an alias of the local one, and existing ones do not change', () => {
  const claims = ['gp3', 'gp3', 'standard', '', undefined].map((name) =>
    object('v1', 'PersistentVolumeClaim', claim(name)),
  )
  const result = run({}, ...claims)
  expect(result.objects.slice(claims.length)).toEqual([
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'gp3' },
      provisioner: 'rancher.io/local-path',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
  ])
  expect(result.applied).toEqual([
    'storage class alias StorageClass: not in the cluster → alias of rancher.io/local-path',
  ])
})

test('a storage class of a cloud gets the local provisioner, without parameters of the cloud', () => {
  const own = object('storage.k8s.io/v1', 'StorageClass', {}, 'gp3', {
    provisioner: 'ebs.csi.aws.com',
    parameters: { type: 'gp3' },
    allowVolumeExpansion: true,
  })
  const { spec: _, ...cloud } = own
  const result = run({}, cloud, object('v1', 'PersistentVolumeClaim', claim('gp3')))
  expect(result.objects).toHaveLength(2)
  expect(result.objects[0]).toMatchObject({ metadata: { name: 'gp3' }, provisioner: 'rancher.io/local-path' })
  expect(result.objects[0]).not.toHaveProperty('parameters')
})

test('a storage class can be replaced by an existing one, and its definition is left out', () => {
  const own = object('storage.k8s.io/v1', 'StorageClass', {}, 'gp3', { provisioner: 'ebs.csi.aws.com' })
  const result = run({ storageClasses: { gp3: 'standard' } }, own, object('v1', 'PersistentVolumeClaim', claim('gp3')))
  expect(result.objects.map(({ kind }) => kind)).toEqual(['PersistentVolumeClaim'])
  expect(result.objects[0]?.spec).toMatchObject({ storageClassName: 'standard' })
})

test('hosts are renamed with their subdomains, the longest domain first', () => {
  const ingress = object('networking.k8s.io/v1', 'Ingress', {
    tls: [{ hosts: ['shop.example', 'api.shop.example'] }],
    rules: [{ host: 'shop.example' }, { host: 'api.shop.example' }, { host: 'notshop.example' }, { http: {} }],
  })
  const result = run({ hosts: { 'shop.example': 'shop.localhost', 'api.shop.example': 'api.localhost' } }, ingress)
  expect(result.objects[0]?.spec).toEqual({
    tls: [{ hosts: ['shop.localhost', 'api.localhost'] }],
    rules: [{ host: 'shop.localhost' }, { host: 'api.localhost' }, { host: 'notshop.example' }, { http: {} }],
  })
})

test('references to issuers are renamed, and the issuer that needs the internet is left out', () => {
  const issuer = object('cert-manager.io/v1', 'ClusterIssuer', { acme: {} }, 'letsencrypt-prod')
  const certificate = object('cert-manager.io/v1', 'Certificate', { issuerRef: { name: 'letsencrypt-prod' } })
  const ingress = object('networking.k8s.io/v1', 'Ingress', {})
  ingress.metadata.annotations = { 'cert-manager.io/cluster-issuer': 'letsencrypt-prod' }
  const result = run({ issuers: { 'letsencrypt-prod': 'local-ca' } }, issuer, certificate, ingress)
  expect(result.objects).toEqual([
    { ...certificate, spec: { issuerRef: { name: 'local-ca' } } },
    { ...ingress, metadata: { name: 'x', annotations: { 'cert-manager.io/cluster-issuer': 'local-ca' } } },
  ])
})

test('an ExternalName leads to an external of the configuration, or to another host', () => {
  const service = object('v1', 'Service', { type: 'ExternalName', externalName: 'db.abc.rds.example' })
  expect(run({ externals: { 'db.abc.rds.example': 'postgres' } }, service).objects[0]?.spec).toMatchObject({
    externalName: 'postgres.shop-externals.svc.cluster.local',
  })
  expect(run({ externals: { 'db.abc.rds.example': 'db.internal' } }, service).objects[0]?.spec).toMatchObject({
    externalName: 'db.internal',
  })
})
