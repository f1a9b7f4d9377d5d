import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { plainManifests } from '../../../src/manifests/plain.ts'

const root = join(import.meta.dirname, '../../..')
const todo = join(root, 'examples/todo')
const load = (profile?: string) => loadConfig({ cwd: todo, profile, env: {}, agree: async () => {} })

const objects = new Map(
  (await plainManifests([join(todo, 'k8s')], root)).map(({ object }) => [
    `${object.kind}/${object.metadata.name}`,
    object as Record<string, unknown>,
  ]),
)

/** The fields of a container that the record decides. Other fields are not compared. */
const deployment = (image: string, liveness: string, readiness: string, port: number) => ({
  spec: {
    replicas: 2,
    template: {
      spec: {
        containers: [
          {
            image,
            livenessProbe: { httpGet: { path: liveness, port }, initialDelaySeconds: 30, periodSeconds: 10 },
            readinessProbe: { httpGet: { path: readiness, port }, initialDelaySeconds: 10, periodSeconds: 5 },
            resources: { requests: { cpu: expect.any(String), memory: expect.any(String) }, limits: expect.anything() },
          },
        ],
      },
    },
  },
})

describe('the manifests match the design record', () => {
  test('the manifests have a Namespace, two Deployments and two Services, and no Secret', () => {
    expect([...objects.keys()].sort()).toEqual([
      'Deployment/todo-backend',
      'Deployment/todo-frontend',
      'Namespace/todo',
      'Service/backend-service',
      'Service/frontend-service',
    ])
  })

  test('the Namespace comes first, so that kubectl can apply the folder', () => {
    expect([...objects.keys()][0]).toBe('Namespace/todo')
  })

  test('only the front end can be reached from outside', () => {
    expect(objects.get('Service/frontend-service')).toMatchObject({
      spec: { type: 'NodePort', ports: [{ port: 3000, targetPort: 3000, nodePort: 30080 }] },
    })
    expect(objects.get('Service/backend-service')).toMatchObject({
      spec: { type: 'ClusterIP', ports: [{ port: 8000, targetPort: 8000 }] },
    })
  })

  test('both Deployments have two replicas, probes and resources', () => {
    expect(objects.get('Deployment/todo-backend')).toMatchObject(
      deployment('todo-backend:latest', '/docs', '/ready', 8000),
    )
    expect(objects.get('Deployment/todo-frontend')).toMatchObject(deployment('todo-frontend:latest', '/', '/', 3000))
  })

  test('each secret value is read from the Secret', () => {
    const from = (key: string) => ({ name: key, valueFrom: { secretKeyRef: { name: 'todo-secrets', key } } })
    expect(objects.get('Deployment/todo-backend')).toMatchObject({
      spec: { template: { spec: { containers: [{ env: [from('DATABASE_URL'), from('GROQ_API_KEY')] }] } } },
    })
  })
})

describe('platform.config.ts', () => {
  test('the configuration is found from the folder of the example and is valid', async () => {
    const config = await load()
    expect(config.root).toBe(root)
    expect(config.name).toBe('todo')
  })

  test('the default profile syncs the sources into development servers', async () => {
    const { frontend, backend } = (await load()).services
    expect(frontend).toMatchObject({ replicas: 1, command: ['npm', 'run', 'dev'], build: { target: 'source' } })
    expect(frontend?.sync).toHaveLength(1)
    expect(backend?.command).toContain('--reload')
  })

  test('the profile production runs the commands of the images and syncs nothing', async () => {
    const { frontend, backend } = (await load('production')).services
    expect(frontend).toMatchObject({ replicas: 2, build: { target: 'runner' }, sync: [] })
    expect(backend?.sync).toEqual([])
    expect(await commandOf('frontend')).toEqual(frontend?.command)
    expect(await commandOf('backend')).toEqual(backend?.command)
  })
})

async function commandOf(service: string): Promise<unknown> {
  const dockerfile = await readFile(join(todo, service, 'Dockerfile'), 'utf8')
  return JSON.parse(/^CMD (.+)$/m.exec(dockerfile)?.[1] ?? '')
}
