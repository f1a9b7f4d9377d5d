import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Example, exampleProject } from '../support/example.ts'

/** Screenshot_Algo with its back end as a Rollout of Argo. */
const project = 'rollouts-e2e'
const site = 'http://localhost:18084'
const namespace = 'screenshot-algo'
let shots: Example

beforeAll(async () => {
  shots = await exampleProject({ name: 'screenshot-algo', project, changes: [['8083', '18084']] })
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

/** Lets the Rollout go on, as `kubectl argo rollouts promote` does. */
const promote = () =>
  inProject(
    ...['patch', 'rollout', 'screenshot-algo', '--subresource=status', '--type=merge'],
    ...['-p', '{"status":{"pauseConditions":null}}'],
  )

test('blue-green: the new version is up beside the old one, and gets the requests when it is promoted', async () => {
  await up('blue-green')
  await healthy()
  expect(await version()).toBe('1')
  await release('blue-green', '1', '2')
  expect(await version()).toBe('1')
  const preview = `/api/v1/namespaces/${namespace}/services/screenshot-algo-preview:80/proxy/api/version`
  expect(JSON.parse(await inProject('get', '--raw', preview)).version).toBe('2')
  await promote()
  await eventually('version 2', 60, async () => ((await version()) === '2' ? true : undefined))
})

test('canary: a third is new until it is promoted, then all', async () => {
  await up('canary')
  await healthy()
  await release('canary', '2', '3')
  const seen = new Set<string>()
  await eventually('both versions', 60, async () => (seen.add(await version()).size === 2 ? true : undefined))
  expect([...seen].sort()).toEqual(['2', '3'])
  await promote()
  await healthy()
  // The front end's connections to pods that leave end a moment later.
  await eventually('version 3 alone', 30, async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, version))
    return answers.every((one) => one === '3') ? true : undefined
  })
})
