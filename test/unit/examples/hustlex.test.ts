import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { plainManifests } from '../../../src/manifests/plain.ts'
import { parseYaml } from '../../../src/manifests/yaml.ts'

const hustlex = join(import.meta.dirname, '../../../examples/hustlex')
const load = (profile?: string) => loadConfig({ cwd: hustlex, profile, env: {}, agree: async () => {} })

/** The objects of a folder of manifests, by kind and name. */
async function objectsOf(folder: string): Promise<Map<string, unknown>> {
  const rendered = await plainManifests([join(hustlex, folder)], hustlex)
  return new Map(rendered.map(({ object }) => [`${object.kind}/${object.metadata.name}`, object]))
}

async function kustomization(folder: string): Promise<unknown> {
  const file = join(hustlex, folder, 'kustomization.yaml')
  return parseYaml(await readFile(file, 'utf8'), file)[0]?.value
}

const base = await objectsOf('k8s/base')

/** The container of the API with these resources, as each patch writes it. */
const resources = (requests: object, limits: object) => ({
  spec: { template: { spec: { containers: [{ name: 'api', resources: { requests, limits } }] } } },
})

describe('the base matches the design record', () => {
  test('the base has the files of the record', async () => {
    const names = ['namespace', 'configmap', 'secrets', 'deployment', 'service', 'postgres', 'redis', 'worker']
    expect(await kustomization('k8s/base')).toMatchObject({ resources: names.map((name) => `${name}.yaml`) })
  })

  test('the API has the replicas, update strategy, environment, resources and probes of the record', () => {
    const probe = { httpGet: { path: '/api/v1/health', port: 8080 } }
    expect(base.get('Deployment/hustlex-api')).toMatchObject({
      metadata: { namespace: 'hustlex' },
      spec: {
        replicas: 3,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: {
          spec: {
            containers: [
              {
                image: 'hustlex/api:latest',
                ports: [{ containerPort: 8080 }],
                envFrom: [{ configMapRef: { name: 'hustlex-config' } }, { secretRef: { name: 'hustlex-secrets' } }],
                livenessProbe: { ...probe, initialDelaySeconds: 10, periodSeconds: 10 },
                readinessProbe: { ...probe, initialDelaySeconds: 5, periodSeconds: 5 },
              },
            ],
          },
        },
      },
    })
    const [requests, limits] = [
      { memory: '128Mi', cpu: '100m' },
      { memory: '512Mi', cpu: '500m' },
    ]
    expect(base.get('Deployment/hustlex-api')).toMatchObject(resources(requests, limits))
  })

  test('PostgreSQL is a StatefulSet with a volume', () => {
    expect(base.get('StatefulSet/postgres')).toMatchObject({
      spec: {
        serviceName: 'postgres',
        template: { spec: { containers: [{ image: 'postgres:16-alpine' }] } },
        volumeClaimTemplates: [
          {
            metadata: { name: 'postgres-data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '50Gi' } } },
          },
        ],
      },
    })
  })

  test('the Service is a LoadBalancer that selects a version', () => {
    const spec = { type: 'LoadBalancer', selector: { app: 'hustlex-api', version: 'v1' } }
    expect(base.get('Service/hustlex-api')).toMatchObject({ spec })
  })

  test('no secret is in the repository', () => {
    for (const name of ['hustlex-secrets', 'postgres-secrets']) {
      const { data } = base.get(`Secret/${name}`) as { data: Record<string, string> }
      expect(new Set(Object.values(data).map((value) => atob(value)))).toEqual(new Set(['change-me']))
    }
  })
})

describe('the overlays', () => {
  test('staging has two replicas and lower resources', async () => {
    const patches = ['replicas', 'resources'].map((name) => ({ path: `patches/${name}.yaml` }))
    expect(await kustomization('k8s/overlays/staging')).toMatchObject({ resources: ['../../base'], patches })
    const of = (name: string) => objectsOf(`k8s/overlays/staging/patches/${name}.yaml`)
    expect((await of('replicas')).get('Deployment/hustlex-api')).toMatchObject({ spec: { replicas: 2 } })
    const lower = resources({ memory: '96Mi', cpu: '50m' }, { memory: '256Mi', cpu: '250m' })
    expect((await of('resources')).get('Deployment/hustlex-api')).toMatchObject(lower)
  })

  test('production has five replicas, higher resources and an autoscaler from 3 to 20', async () => {
    expect(await kustomization('k8s/overlays/production')).toMatchObject({
      resources: ['../../base', 'patches/hpa.yaml'],
    })
    const of = (name: string) => objectsOf(`k8s/overlays/production/patches/${name}.yaml`)
    expect((await of('replicas')).get('Deployment/hustlex-api')).toMatchObject({ spec: { replicas: 5 } })
    const higher = resources({ memory: '256Mi', cpu: '200m' }, { memory: '1Gi', cpu: '1' })
    expect((await of('resources')).get('Deployment/hustlex-api')).toMatchObject(higher)
    const metric = (name: string, averageUtilization: number) => ({
      type: 'Resource',
      resource: { name, target: { type: 'Utilization', averageUtilization } },
    })
    expect((await of('hpa')).get('HorizontalPodAutoscaler/hustlex-api-hpa')).toMatchObject({
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'hustlex-api' },
        minReplicas: 3,
        maxReplicas: 20,
        metrics: [metric('cpu', 70), metric('memory', 80)],
      },
    })
  })
})

describe('platform.config.ts', () => {
  test('the profile go has another image for the API in the same Deployment, and nothing else', async () => {
    const [usual, go] = [await load(), await load('go')]
    expect(go.deploy).toEqual(usual.deploy)
    expect(Object.keys(go.services)).toEqual(Object.keys(usual.services))
    const api = { workload: 'Deployment/hustlex-api', build: { context: join(hustlex, 'api-go') } }
    expect(go.services.api).toMatchObject(api)
    const { api: _usual, ...others } = usual.services
    const { api: _twin, ...same } = go.services
    expect(same).toEqual(others)
  })

  test('the configuration deploys staging, and profiles deploy production and the next release', async () => {
    expect((await load()).deploy.kustomize).toEqual([join(hustlex, 'k8s/overlays/staging')])
    expect((await load('production')).deploy.kustomize).toEqual([join(hustlex, 'k8s/overlays/production')])
    expect((await load('v2')).services['api-v2']).toMatchObject({
      workload: 'Deployment/hustlex-api-v2',
      build: { args: { VERSION: 'v2' } },
    })
  })

  test('v2 differs from the base in its name, version and replicas', async () => {
    const v2 = (await objectsOf('k8s/blue-green')).get('Deployment/hustlex-api-v2')
    const text = JSON.stringify(base.get('Deployment/hustlex-api'))
      .replace('"name":"hustlex-api"', '"name":"hustlex-api-v2"')
      .replaceAll('"version":"v1"', '"version":"v2"')
      .replace('"replicas":3', '"replicas":2')
      .replace('hustlex/api:latest', 'hustlex/api:v2')
    expect(v2).toEqual(JSON.parse(text))
  })
})
