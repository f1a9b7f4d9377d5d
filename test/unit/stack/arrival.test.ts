import { expect, test } from 'vitest'
import { deployStack, prepareStack } from '../../../src/stack/deploy.ts'
import type { FakeKube } from '../../fakes/kube.ts'
import { configMap, deployment, desiredOf, rolledOut, stackKube } from './support.ts'

/** Images that become available or fail when the test decides. */
function delivery() {
  const arrivals = new Map<string, PromiseWithResolvers<void>>()
  const of = (reference: string) => {
    const known = arrivals.get(reference) ?? Promise.withResolvers<void>()
    arrivals.set(reference, known)
    return known
  }
  return {
    of,
    images: async (references: ReadonlySet<string>) => {
      await Promise.all([...references].map((reference) => of(reference).promise))
    },
  }
}

const atOnce = () =>
  stackKube({ onApply: (object) => (object.kind === 'Deployment' ? { ...object, status: rolledOut } : undefined) })

/** Deploys two Deployments and a ConfigMap; `reasons` collects what is awaited. */
async function up(kube: FakeKube, images: (references: ReadonlySet<string>) => Promise<void>, timeoutMs = 5000) {
  const reasons: string[] = []
  const deps = {
    ...{ kube, images, timeoutMs, clock: Date.now, signal: new AbortController().signal },
    onEvent: (event: { type: string; reason?: string }) => void reasons.push(event.reason ?? event.type),
  }
  const objects = [deployment('db'), deployment('web'), configMap('a')]
  const desired = (hashKey: string) => desiredOf(objects, {}, { secrets: { secrets: {}, externals: {} }, hashKey })
  const prepared = await prepareStack('todo', desired, deps, { pruneData: false })
  return { done: deployStack(prepared, deps), reasons }
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('each workload is applied once its own image is available; objects without an image do not wait', async () => {
  const [kube, { of, images }] = [atOnce(), delivery()]
  const { done, reasons } = await up(kube, images)
  of('db:1').resolve()
  await until(() => kube.writes.includes('apply Deployment default/db'))
  expect(kube.writes).toContain('apply ConfigMap default/a')
  expect(kube.writes).not.toContain('apply Deployment default/web')
  await until(() => reasons.includes('waits for its image'))
  of('web:1').resolve()
  await done
  expect(kube.writes).toContain('apply Deployment default/web')
})

test('an image that is not available ends the deployment with the reason', async () => {
  const [kube, { of, images }] = [atOnce(), delivery()]
  const { done, reasons } = await up(kube, images)
  of('db:1').resolve()
  of('web:1').reject(new Error('no such step'))
  await expect(done).rejects.toThrow('no such step')
  const reported = reasons.length
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(reasons).toHaveLength(reported)
  expect(kube.writes).not.toContain('apply Deployment default/web')
})

test('the timeout starts when the images are available', async () => {
  const [kube, { of, images }] = [atOnce(), delivery()]
  const { done } = await up(kube, images, 50)
  of('db:1').resolve()
  await new Promise((resolve) => setTimeout(resolve, 150))
  of('web:1').resolve()
  await expect(done).resolves.toBe(true)
})

test('a custom resource waits for the image that it names in a field of the configuration', async () => {
  const [kube, { of, images }] = [stackKube({ kinds: { 'example.com/v1 Tenant': true } }), delivery()]
  const deps = {
    kube,
    images,
    timeoutMs: 5000,
    clock: Date.now,
    signal: new AbortController().signal,
    onEvent: () => {},
  }
  const tenant = { apiVersion: 'example.com/v1', kind: 'Tenant', metadata: { name: 'a' }, spec: { image: 'runner:1' } }
  const input = { deploy: { images: [{ kind: 'Tenant', path: 'spec.image' }] } }
  const desired = (hashKey: string) => desiredOf([tenant, configMap('a')], input, { hashKey })
  const done = deployStack(await prepareStack('todo', desired, deps, { pruneData: false }), deps)
  await until(() => kube.writes.includes('apply ConfigMap default/a'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(kube.writes).not.toContain('apply Tenant default/a')
  of('runner:1').resolve()
  await done
  expect(kube.writes).toContain('apply Tenant default/a')
})
