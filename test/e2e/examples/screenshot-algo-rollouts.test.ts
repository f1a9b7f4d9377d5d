/**
 * Screenshot_Algo with its back end as an Argo Rollout.
 * @module-tag slow-images
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { copyExample, type ExampleProject } from '../support/projects/example-project.ts'
import { withTraffic } from '../support/traffic.ts'

const project = 'rollouts-e2e'
const url = 'http://localhost:18084'
const namespace = 'screenshot-algo'
let shots: ExampleProject

beforeAll(async () => {
  shots = await copyExample({
    name: 'screenshot-algo',
    project,
    changes: [
      ['8083', '18084'],
      ['8093', '18094'],
    ],
  })
})
afterAll(() => shots?.dispose())

const inProject = (...args: string[]) => shots.kubectl('-n', namespace, ...args)
const version = async () => ((await (await fetch(`${url}/api/version`)).json()) as { version: string }).version
const phase = () => inProject('get', 'rollout', 'screenshot-algo', '-o', 'jsonpath={.status.phase}')
const healthy = () =>
  eventually('the Rollout is healthy', 120, async () => ((await phase()) === 'Healthy' ? true : undefined))

async function up(profile: string): Promise<void> {
  const done = await shots.run(['up', '--yes', '--detach', '--profile', profile, '--timeout', '15m'])
  expect(done.exitCode, done.stderr).toBe(0)
}

/** Changes the version, deploys it, and expects the Rollout to pause. */
async function release(profile: string, from: string, to: string): Promise<void> {
  await shots.edit('k8s/base/deployment.yaml', `value: "${from}"`, `value: "${to}"`)
  await up(profile)
  expect(await phase()).toBe('Paused')
}

/** Runs devk while clients ask for the version, and gives its standard error. Throws when a request or devk fails. */
async function runWithTraffic(...args: string[]): Promise<string> {
  const { done } = await withTraffic(`${url}/api/version`, () => shots.run(args))
  expect(done.exitCode, done.stderr).toBe(0)
  return done.stderr
}

/** Waits until only this version answers; the front end keeps connections to terminating pods for a moment. */
async function expectOnly(wanted: string): Promise<void> {
  await eventually(`version ${wanted} alone`, 60, async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, version))
    return answers.every((one) => one === wanted) ? true : undefined
  })
}

/** The note of the back end in `devk status`. */
async function noteOfBackend(): Promise<string | null> {
  const { services } = JSON.parse((await shots.run(['status', '--json'])).stdout)
  return services.find(({ name }: { name: string }) => name === 'backend').note
}

test('a blue-green release runs beside the old version, and gets the requests when it is promoted', async () => {
  await up('blue-green')
  await healthy()
  expect(await version()).toBe('1')
  await release('blue-green', '1', '2')
  expect(await version()).toBe('1')
  expect(await noteOfBackend()).toBe('waits to be promoted')
  const preview = `/api/v1/namespaces/${namespace}/services/screenshot-algo-preview:80/proxy/api/version`
  expect(JSON.parse(await inProject('get', '--raw', preview)).version).toBe('2')
  expect(await runWithTraffic('promote', 'backend')).toMatch(/the new version gets all requests/)
  await expectOnly('2')
})

test('rollback switches between two versions at once while the old pods still run', async () => {
  for (const wanted of ['1', '2']) {
    expect(await runWithTraffic('rollback', 'backend')).toMatch(/rolled back from revision/)
    await expectOnly(wanted)
  }
  const { services } = JSON.parse((await shots.run(['history', 'backend', '--json'])).stdout)
  expect(services[0].workload).toMatch(/^Rollout /)
  expect(services[0].revisions).toHaveLength(2)
})

test('a canary release gets a third of the requests until it is promoted, then all', async () => {
  await up('canary')
  await healthy()
  await release('canary', '2', '3')
  const seen = new Set<string>()
  await eventually('both versions', 60, async () => (seen.add(await version()).size === 2 ? true : undefined))
  expect([...seen].sort()).toEqual(['2', '3'])
  expect(await noteOfBackend()).toBe('waits to be promoted (step 1 of 2, 34 %)')
  await runWithTraffic('promote', 'backend')
  expect(await phase()).toBe('Healthy')
  await expectOnly('3')
  expect((await shots.run(['promote', 'backend'])).stderr).toMatch(/is not waiting for a promotion/)

  expect(await runWithTraffic('rollback', 'backend')).toMatch(/To promote it: devk promote backend/)
  await runWithTraffic('promote', 'backend', '--full')
  await expectOnly('2')
})
