import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { plainManifests } from '../../../src/manifests/plain.ts'
import { parseYaml } from '../../../src/manifests/yaml.ts'

const example = join(import.meta.dirname, '../../../examples/screenshot-algo')
const base = join(example, 'k8s/base')
const kustomization = async (folder: string) => {
  const file = join(example, 'k8s', folder, 'kustomization.yaml')
  const [document] = parseYaml(await readFile(file, 'utf8'), file)
  return document?.value as Record<string, unknown>
}
const resources = (await kustomization('base')).resources as string[]
const objects = new Map(
  (
    await plainManifests(
      resources.map((file) => join(base, file)),
      example,
    )
  ).map(({ object }) => [`${object.kind}/${object.metadata.name}`, object as Record<string, unknown>]),
)

describe('the base matches the design record', () => {
  test('the base has the files of the record and those that the architecture needs', () => {
    const record = [
      'namespace',
      'deployment',
      'service',
      'configmap',
      'secrets',
      'ingress',
      'hpa',
      'pdb',
      'networkpolicy',
    ]
    expect(resources).toEqual(expect.arrayContaining(record.map((name) => `${name}.yaml`)))
    expect(resources.filter((file) => !record.includes(file.replace('.yaml', '')))).toEqual([
      'redis.yaml',
      'quota.yaml',
    ])
  })

  test.each([
    ['screenshot-algo-frontend', 3],
    ['screenshot-algo', 3],
    ['screenshot-algo-worker', 5],
  ])('%s has %i replicas of production size', (name, replicas) => {
    expect(objects.get(`Deployment/${name}`)).toMatchObject({
      spec: {
        replicas,
        template: {
          spec: {
            containers: [
              { resources: { requests: { memory: '256Mi', cpu: '250m' }, limits: { memory: '512Mi', cpu: '500m' } } },
            ],
          },
        },
      },
    })
  })

  test('the autoscaler of the back end is that of the record', () => {
    expect(objects.get('HorizontalPodAutoscaler/screenshot-algo')).toMatchObject({
      spec: {
        minReplicas: 3,
        maxReplicas: 20,
        metrics: [{ resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
      },
    })
  })

  test('Redis is a StatefulSet, the database is an ExternalName, and no secret is in the repository', () => {
    expect(objects.has('StatefulSet/redis')).toBe(true)
    expect(objects.get('Service/postgres')).toMatchObject({ spec: { type: 'ExternalName' } })
    expect(objects.get('Secret/screenshot-algo')).toMatchObject({ stringData: { DATABASE_URL: '' } })
  })
})

test.each(['dev', 'staging', 'production'])('the overlay %s builds on the base', async (overlay) => {
  expect(await kustomization(`overlays/${overlay}`)).toMatchObject({ resources: ['../../base'] })
})

test.each(['blue-green', 'canary'])(
  'the profile %s deploys its overlay, with the controller that it needs',
  async (name) => {
    const config = await loadConfig({ cwd: example, profile: name, env: {}, agree: async () => {} })
    expect(config.deploy.kustomize).toEqual([join(example, 'k8s/overlays', name)])
    expect((await kustomization(`overlays/${name}`)).resources).toEqual(
      expect.arrayContaining(['../dev', '../../argo-rollouts']),
    )
  },
)

test.each([
  [undefined, undefined],
  ['staging', { cpu: 0.1, memory: 0.25 }],
  ['production', { cpu: 0.1, memory: 0.25 }],
])('the overlay %s has its rules, which remove no replica', async (overlay, requests) => {
  const { scale, deploy } = await loadConfig({ cwd: example, overlay, env: {}, agree: async () => {} })
  expect(deploy.kustomize).toEqual([join(example, 'k8s/overlays', overlay ?? 'dev')])
  expect(scale.requests).toEqual(requests)
  expect(scale.replicas).toBeUndefined()
})

test('the configuration is valid', async () => {
  const config = await loadConfig({ cwd: example, env: {}, agree: async () => {} })
  expect(config.deploy.kustomize).toEqual([join(example, 'k8s/overlays/dev')])
  expect(Object.keys(config.services)).toEqual(['frontend', 'backend', 'worker'])
})
