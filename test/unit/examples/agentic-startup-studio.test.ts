import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { plainManifests } from '../../../src/manifests/plain.ts'

const example = join(import.meta.dirname, '../../../examples/agentic-startup-studio')
const objects = new Map(
  (await plainManifests([join(example, 'k8s')], example)).map(({ object }) => [
    `${object.kind}/${object.metadata.name}`,
    object as Record<string, unknown>,
  ]),
)

describe('the manifests match the design record', () => {
  test('the manifests have exactly these objects, the Namespace first, and no Secret', () => {
    expect([...objects.keys()]).toEqual([
      'Namespace/agentic-startup-studio',
      'PersistentVolumeClaim/backups',
      'CronJob/backup',
      'Deployment/fastapi-backend',
      'HorizontalPodAutoscaler/fastapi-hpa',
      'Ingress/api-ingress',
      'NetworkPolicy/default-deny',
      'NetworkPolicy/dns',
      'NetworkPolicy/fastapi-backend',
      'NetworkPolicy/backup',
      'ServiceAccount/fastapi-backend',
      'Role/on-call',
      'RoleBinding/on-call',
      'Service/fastapi-service',
    ])
  })

  test('the back end has the replicas, image, credentials, resources and probe of the record', () => {
    expect(objects.get('Deployment/fastapi-backend')).toMatchObject({
      spec: {
        replicas: 3,
        template: {
          spec: {
            containers: [
              {
                name: 'backend',
                image: 'agentic-startup-studio:latest',
                ports: [{ containerPort: 8000 }],
                env: [{ name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'db-secret', key: 'url' } } }],
                resources: { requests: { memory: '256Mi', cpu: '250m' }, limits: { memory: '512Mi', cpu: '500m' } },
                livenessProbe: {
                  httpGet: { path: '/health', port: 8000 },
                  initialDelaySeconds: 30,
                  periodSeconds: 10,
                },
              },
            ],
          },
        },
      },
    })
  })

  test('the way in is a LoadBalancer Service and an Ingress with the class annotation', () => {
    expect(objects.get('Service/fastapi-service')).toMatchObject({
      spec: { type: 'LoadBalancer', ports: [{ port: 80, targetPort: 8000 }] },
    })
    expect(objects.get('Ingress/api-ingress')).toMatchObject({
      metadata: {
        annotations: { 'kubernetes.io/ingress.class': 'nginx', 'cert-manager.io/cluster-issuer': 'letsencrypt-prod' },
      },
      spec: { tls: [{ hosts: ['api.example.com'], secretName: 'api-tls' }] },
    })
  })

  test('the autoscaler uses two metrics', () => {
    const target = (name: string, averageUtilization: number) => ({
      type: 'Resource',
      resource: { name, target: { type: 'Utilization', averageUtilization } },
    })
    expect(objects.get('HorizontalPodAutoscaler/fastapi-hpa')).toMatchObject({
      spec: { minReplicas: 2, maxReplicas: 10, metrics: [target('cpu', 70), target('memory', 80)] },
    })
  })
})

test('the configuration and each profile are valid', async () => {
  const load = (profile?: string) => loadConfig({ cwd: example, profile, env: {}, agree: async () => {} })
  expect((await load()).cluster.loadBalancers).toEqual({ 'fastapi-service': ['8082:80'] })
  expect((await load('zones')).cluster.workers.map(({ zone }) => zone)).toEqual(['zone-a', 'zone-b', 'zone-b'])
})
