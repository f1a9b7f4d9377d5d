import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { plainManifests } from '../../../src/manifests/plain.ts'

const root = join(import.meta.dirname, '../../..')
const todo = join(root, 'examples/todo')
const load = (profile?: string) => loadConfig({ cwd: todo, profile, env: {} })

const objects = new Map(
  (await plainManifests([join(todo, 'k8s')], root)).map(({ object }) => [
    `${object.kind}/${object.metadata.name}`,
    object as Record<string, unknown>,
  ]),
)

/** A container with what the record says of it; the rest of the probe and of the pod is not compared. */
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

describe('the manifests say what the record decides', () => {
  test('there is no object beside the namespace, two deployments and two services, so no secret is in the tree', () => {
    expect([...objects.keys()].sort()).toEqual([
      'Deployment/todo-backend',
      'Deployment/todo-frontend',
      'Namespace/todo',
      'Service/backend-service',
      'Service/frontend-service',
    ])
  })

  test('the namespace comes first, so that kubectl can apply the folder', () => {
    expect([...objects.keys()][0]).toBe('Namespace/todo')
  })

  test('the front end alone can be reached from outside', () => {
    expect(objects.get('Service/frontend-service')).toMatchObject({
      spec: { type: 'NodePort', ports: [{ port: 3000, targetPort: 3000, nodePort: 30080 }] },
    })
    expect(objects.get('Service/backend-service')).toMatchObject({
      spec: { type: 'ClusterIP', ports: [{ port: 8000, targetPort: 8000 }] },
    })
  })

  test('both deployments have two replicas, probes and resources', () => {
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
  test('is found from inside the example, and is right', async () => {
    const config = await load()
    expect(config.root).toBe(root)
    expect(config.name).toBe('todo')
  })

  test('live work keeps the sources and serves a save', async () => {
    const { frontend, backend } = (await load()).services
    expect(frontend).toMatchObject({ replicas: 1, command: ['npm', 'run', 'dev'], build: { target: 'builder' } })
    expect(frontend?.sync).toHaveLength(1)
    expect(backend?.command).toContain('--reload')
  })

  test("production runs the images' own commands, with nothing synced", async () => {
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
