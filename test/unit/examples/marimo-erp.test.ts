import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { plainManifests } from '../../../src/manifests/plain.ts'
import { type PodTemplate, podTemplate } from '../../../src/manifests/workload.ts'

const marimo = join(import.meta.dirname, '../../../examples/marimo-erp')
const load = (profile?: string) => loadConfig({ cwd: marimo, profile, env: {}, agree: async () => {} })

const rendered = await plainManifests([join(marimo, 'k8s'), join(marimo, 'k8s/blue-green')], marimo)
const objects = new Map(rendered.map(({ object }) => [`${object.kind}/${object.metadata.name}`, object]))
const object = (name: string) => objects.get(name) as Record<string, unknown>
const pods = [...objects].flatMap(([name, each]): [string, PodTemplate][] => {
  const template = podTemplate(each)
  return template === undefined ? [] : [[name, template]]
})

describe('the manifests match the design record', () => {
  test('every file of the design record exists', async () => {
    const files = [
      ...['namespace', 'configmap', 'secrets.example', 'hpa', 'ingress'],
      ...['postgres', 'redis', 'consul', 'rabbitmq'].map((name) => `${name}-statefulset`),
      ...['api-gateway', 'auth-service'].map((name) => `${name}-deployment`),
    ]
    expect(await readdir(join(marimo, 'k8s'))).toEqual(expect.arrayContaining(files.map((name) => `${name}.yml`)))
    const colours = ['api-gateway-blue.yml', 'api-gateway-green.yml']
    expect((await readdir(join(marimo, 'k8s/blue-green'))).sort()).toEqual(colours)
  })

  test('there are three Namespaces, and no other object sets a namespace', () => {
    const spaces = [...objects.keys()].filter((name) => name.startsWith('Namespace/'))
    expect(spaces).toEqual(['marimo-erp', 'marimo-erp-staging', 'marimo-erp-dev'].map((name) => `Namespace/${name}`))
    expect(rendered.filter(({ object: each }) => each.metadata.namespace !== undefined)).toEqual([])
  })

  test.each(['postgres', 'redis', 'consul', 'rabbitmq'])('%s is a StatefulSet with a volume claim', (name) => {
    expect(object(`StatefulSet/${name}`)).toMatchObject({
      spec: { serviceName: `${name}-service`, volumeClaimTemplates: [{ spec: { accessModes: ['ReadWriteOnce'] } }] },
    })
  })

  test.each(['api-gateway-blue', 'api-gateway-green', 'auth-service', 'users-service'])(
    '%s has the resources and probes of the record',
    (name) => {
      const probe = (path: string) => ({ httpGet: { path, port: 8080 } })
      const container = {
        resources: { requests: { memory: '256Mi', cpu: '250m' }, limits: { memory: '1Gi', cpu: '1000m' } },
        livenessProbe: { ...probe('/health'), initialDelaySeconds: 30, periodSeconds: 10 },
        readinessProbe: { ...probe('/ready'), initialDelaySeconds: 5, periodSeconds: 5 },
      }
      expect(object(`Deployment/${name}`)).toMatchObject({ spec: { template: { spec: { containers: [container] } } } })
    },
  )

  test('the gateway has a Service that selects a colour, and an autoscaler for each colour', () => {
    const selector = { app: 'api-gateway', color: 'blue' }
    expect(object('Service/api-gateway-service')).toMatchObject({ spec: { selector } })
    const target = { type: 'Utilization', averageUtilization: 70 }
    for (const [scaler, name] of [
      ['api-gateway-hpa', 'api-gateway-blue'],
      ['api-gateway-green-hpa', 'api-gateway-green'],
    ]) {
      expect(object(`HorizontalPodAutoscaler/${scaler}`)).toMatchObject({
        spec: {
          scaleTargetRef: { kind: 'Deployment', name },
          minReplicas: 3,
          maxReplicas: 10,
          metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
        },
      })
    }
  })

  test.each(pods)('%s runs restricted, with a service account of its own and no token', (_name, { spec }) => {
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(objects.has(`ServiceAccount/${spec.serviceAccountName}`)).toBe(true)
    for (const { securityContext } of spec.containers) {
      const closed = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }
      expect(securityContext).toEqual(closed)
    }
  })

  test('the policies deny by default, and each selects existing pods', () => {
    const policies = [...objects.values()].filter(({ kind }) => kind === 'NetworkPolicy')
    const chosen = policies.map(({ spec }) => (spec as { podSelector: { matchLabels?: object } }).podSelector)
    expect(chosen.filter(({ matchLabels }) => matchLabels === undefined)).toEqual([{}])
    const labels = pods.map(([, { metadata }]) => metadata?.labels ?? {})
    for (const { matchLabels = {} } of chosen) {
      const fits = Object.entries(matchLabels).every(([key, value]) => labels.some((each) => each[key] === value))
      expect(fits).toBe(true)
    }
  })

  test('no secret is in the repository', () => {
    const { stringData } = object('Secret/marimo-secrets') as { stringData: Record<string, string> }
    expect(new Set(Object.values(stringData))).toEqual(new Set(['change-me']))
  })
})

describe('platform.config.ts', () => {
  test('the configuration deploys one colour in the namespace of production', async () => {
    const { deploy } = await load()
    expect(deploy).toMatchObject({ namespace: 'marimo-erp' })
    expect(deploy.manifests).toEqual([join(marimo, 'k8s'), join(marimo, 'k8s/blue-green/api-gateway-blue.yml')])
  })

  test('the other environments, the second colour and the cluster of the record are profiles', async () => {
    for (const environment of ['staging', 'dev']) {
      const { name, cluster, deploy } = await load(environment)
      expect([name, deploy.namespace]).toEqual([`marimo-erp-${environment}`, `marimo-erp-${environment}`])
      expect(cluster).toMatchObject({ provider: 'existing', project: 'marimo-erp' })
    }
    expect((await load('green')).services['gateway-green']).toMatchObject({ build: { args: { VERSION: '1.1.0' } } })
    const { cluster } = await load('production')
    expect(cluster.controlPlanes).toBe(3)
    expect(cluster.workers).toMatchObject([{ count: 5 }])
  })
})
