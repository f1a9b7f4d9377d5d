import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Example, exampleProject } from '../support/example.ts'
import { underLoad } from '../support/load.ts'

/** Screenshot_Algo with its back end as a Rollout of Argo. */
const project = 'rollouts-e2e'
const site = 'http://localhost:18084'
const namespace = 'screenshot-algo'
let shots: Example

beforeAll(async () => {
  shots = await exampleProject({
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
const version = async () => ((await (await fetch(`${site}/api/version`)).json()) as { version: string }).version
const phase = () => inProject('get', 'rollout', 'screenshot-algo', '-o', 'jsonpath={.status.phase}')
const healthy = () =>
  eventually('the Rollout is healthy', 120, async () => ((await phase()) === 'Healthy' ? true : undefined))

async function up(profile: string): Promise<void> {
  const done = await shots.run(['up', '--yes', '--detach', '--profile', profile, '--timeout', '15m'])
  expect(done.exitCode, done.stderr).toBe(0)
}

async function release(profile: string, from: string, to: string): Promise<void> {
  await shots.edit('k8s/base/deployment.yaml', `value: "${from}"`, `value: "${to}"`)
  await up(profile)
  expect(await phase()).toBe('Paused')
}

/** Runs a command of devk while clients ask for the version; none of their requests may fail. */
async function whileAsked(...args: string[]): Promise<string> {
  const { done } = await underLoad(`${site}/api/version`, () => shots.run(args))
  expect(done.exitCode, done.stderr).toBe(0)
  return done.stderr
}

/** The front end's connections to pods that leave end a moment later. */
async function answersOnly(wanted: string): Promise<void> {
  await eventually(`version ${wanted} alone`, 60, async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, version))
    return answers.every((one) => one === wanted) ? true : undefined
  })
}

async function noteOfBackend(): Promise<string | null> {
  const { services } = JSON.parse((await shots.run(['status', '--json'])).stdout)
  return services.find(({ name }: { name: string }) => name === 'backend').note
}

test('blue-green: the new version is up beside the old one, and gets the requests when it is promoted', async () => {
  await up('blue-green')
  await healthy()
  expect(await version()).toBe('1')
  await release('blue-green', '1', '2')
  expect(await version()).toBe('1')
  expect(await noteOfBackend()).toBe('waits to be promoted')
  const preview = `/api/v1/namespaces/${namespace}/services/screenshot-algo-preview:80/proxy/api/version`
  expect(JSON.parse(await inProject('get', '--raw', preview)).version).toBe('2')
  expect(await whileAsked('promote', 'backend')).toMatch(/the new version has all requests/)
  await answersOnly('2')
})

test('while the old pods are still there, the way back and forward again is taken at once', async () => {
  for (const wanted of ['1', '2']) {
    expect(await whileAsked('rollback', 'backend')).toMatch(/rolled back from revision/)
    await answersOnly(wanted)
  }
  const { services } = JSON.parse((await shots.run(['history', 'backend', '--json'])).stdout)
  expect(services[0].workload).toMatch(/^Rollout /)
  expect(services[0].revisions).toHaveLength(2)
})

test('canary: a third is new until it is promoted, then all', async () => {
  await up('canary')
  await healthy()
  await release('canary', '2', '3')
  const seen = new Set<string>()
  await eventually('both versions', 60, async () => (seen.add(await version()).size === 2 ? true : undefined))
  expect([...seen].sort()).toEqual(['2', '3'])
  expect(await noteOfBackend()).toBe('waits to be promoted (step 1 of 2, 34 %)')
  await whileAsked('promote', 'backend')
  expect(await phase()).toBe('Healthy')
  await answersOnly('3')
  expect((await shots.run(['promote', 'backend'])).stderr).toMatch(/is not waiting for a promotion/)

  expect(await whileAsked('rollback', 'backend')).toMatch(/To promote it: devk promote backend/)
  await whileAsked('promote', 'backend', '--full')
  await answersOnly('2')
})
