/**
 * Restart, rollback, switch, plan and overlays of a small shop. The tests build on each other. In the long runs: the examples
 * screenshot-algo and HustleX roll back and switch in `npm test`.
 * @module-tag long
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Finished } from '../support/devk.ts'
import { getText } from '../support/http.ts'
import { leftovers } from '../support/leftovers.ts'
import { copyExample, type ExampleProject } from '../support/projects/example-project.ts'
import { withTraffic } from '../support/traffic.ts'

const project = 'release-e2e'
const web = 'http://127.0.0.1:30190/'
const gate = 'http://127.0.0.1:30191/'

let shop: ExampleProject

beforeAll(async () => {
  shop = await copyExample({ name: 'release', project, changes: [], home: 'test/e2e/support/projects/release' })
  await up()
})

afterAll(async () => {
  await shop?.dispose()
  expect(await leftovers(project)).toEqual([])
})

async function up(...more: string[]): Promise<Finished> {
  const done = await shop.run(['up', '--detach', '--yes', '--timeout', '10m', ...more])
  expect(done.exitCode, done.stderr).toBe(0)
  return done
}

/** Waits until the URL answers with this body; kube-proxy follows a change within about a second. */
async function expectBody(url: string, body: string): Promise<void> {
  await expect.poll(() => getText(url).catch((error: Error) => error.message), { timeout: 60_000 }).toBe(body)
}

/** Runs devk while clients send requests to a URL. Throws when one of the requests fails. */
const runWithTraffic = (url: string, ...args: string[]) => withTraffic(url, () => shop.run(args))

/** The value of a JSONPath in an object of the project. */
const field = (kind: string, name: string, path: string) =>
  shop.kubectl('get', kind, name, '-n', 'release', '-o', `jsonpath=${path}`)
const webImage = () => field('deploy', 'web', '{.spec.template.spec.containers[0].image}')
const selector = () => field('service', 'gate', '{.spec.selector.color}')

/** Runs devk with --json and gives the parsed output. */
async function json(...args: string[]) {
  const done = await shop.run([...args, '--json'])
  expect(done.exitCode, done.stdout + done.stderr).toBe(0)
  return JSON.parse(done.stdout)
}

const revisionsOf = async (service: string): Promise<{ revision: number; current: boolean; images: string[] }[]> =>
  (await json('history', service)).services[0].revisions

test('a service that never changed has one revision, and a rollback fails', async () => {
  await expectBody(web, '1 none')
  expect((await revisionsOf('web')).map(({ revision, current }) => [revision, current])).toEqual([[1, true]])
  const back = await shop.run(['rollback', 'web'])
  expect(back.exitCode).toBe(1)
  expect(back.stderr).toContain('has no revision before 1')
})

test('restart replaces every pod, and no request fails', async () => {
  const pods = () =>
    shop.kubectl('get', 'pods', '-n', 'release', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.uid}')
  const before = (await pods()).split(' ')
  const { done } = await runWithTraffic(web, 'restart', 'web')
  expect(done.exitCode, done.stderr).toBe(0)
  const ready = await field('deploy', 'web', '{.status.updatedReplicas}/{.status.readyReplicas}')
  expect(ready).toBe('2/2')
  await expect
    .poll(async () => (await pods()).split(' ').filter((uid) => before.includes(uid)), { timeout: 60_000 })
    .toEqual([])
})

test('rollback deploys the previous revision, and no request fails', async () => {
  const first = await webImage()
  await shop.write('app/version.txt', '2\n')
  await up()
  await expectBody(web, '2 none')
  const second = await webImage()
  expect(second).not.toBe(first)

  const { done, traffic } = await runWithTraffic(web, 'rollback', 'web')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(await webImage()).toBe(first)
  expect([...traffic.bodies.keys()].sort()).toEqual(['1 none', '2 none'])
  await expectBody(web, '1 none')
  const [newest] = await revisionsOf('web')
  expect(newest).toMatchObject({ current: true, images: [first] })
})

test('status shows the rollback, and an up without a change keeps it', async () => {
  const status = await shop.run(['status'])
  expect(status.stdout).toMatch(/rolled back to revision \d+ \(from \d+\)/)
  const again = await up()
  expect(again.stderr).toMatch(/nothing changed/i)
  expect(await getText(web)).toBe('1 none')
})

test('an up with changed sources ends the rollback', async () => {
  await shop.write('app/version.txt', '3\n')
  await up()
  await expectBody(web, '3 none')
  const notes = await field('deploy', 'web', '{.metadata.annotations}')
  expect(notes).not.toContain('rolled-back')
  const status = await shop.run(['status'])
  expect(status.stdout).not.toContain('rolled back')
})

test('rollback repairs a StatefulSet whose update waits for a broken pod', async () => {
  const path = 'k8s/base/store.yaml'
  await shop.edit(path, 'path: /healthz', 'path: /nowhere-else')
  const broken = await shop.run(['up', '--detach', '--yes', '--timeout', '25s'])
  expect(broken.exitCode).toBe(3)
  const back = await shop.run(['rollback', 'store', '--timeout', '2m'])
  expect(back.exitCode, back.stderr).toBe(0)
  const ready = await field('sts', 'store', '{.status.readyReplicas}')
  expect(ready).toBe('2')
  await shop.edit(path, '/nowhere-else', '/healthz')
  await up()
})

test('rollback names an unknown revision, and suggests a name for an unknown service', async () => {
  const number = await shop.run(['rollback', 'web', '--to', '99'])
  expect(number.exitCode).toBe(2)
  expect(number.stderr).toMatch(/has no revision 99/)
  const name = await shop.run(['rollback', 'wep'])
  expect(name.exitCode).toBe(2)
  expect(name.stderr).toContain('Did you mean "web"?')
})

test('switch moves all traffic to the other colour, and no request fails', async () => {
  await expectBody(gate, '3 blue')
  const { done, traffic } = await runWithTraffic(gate, 'switch', 'gate', 'green', '--watch', '3s')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(await selector()).toBe('green')
  expect([...traffic.bodies.keys()].sort()).toEqual(['3 blue', '3 green'])
  await expectBody(gate, '3 green')
  expect(await json('switch', 'gate')).toMatchObject({ label: 'color', current: 'green', manifests: 'blue' })
})

test('up keeps the switch, also when the manifest of the Service changes', async () => {
  await shop.edit('k8s/base/gate.yaml', 'metadata:\n  name: gate\n', 'metadata:\n  name: gate\n  labels: {team: one}\n')
  await up()
  expect(await field('service', 'gate', '{.metadata.labels.team}')).toBe('one')
  expect(await selector()).toBe('green')
})

test('switch moves the traffic back', async () => {
  const { done } = await runWithTraffic(gate, 'switch', 'gate', 'blue', '--watch', '1s')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(await selector()).toBe('blue')
  await expectBody(gate, '3 blue')
})

test('switch goes back by itself when the new colour becomes unhealthy, and no request fails', async () => {
  await shop.edit('k8s/base/gate.yaml', 'FAIL_AFTER, value: "0"', 'FAIL_AFTER, value: "20"')
  await up()
  const { done, traffic } = await runWithTraffic(gate, 'switch', 'gate', 'green', '--watch', '30s')
  expect(done.exitCode).toBe(1)
  expect(done.stderr).toContain('gate selects blue again')
  expect(done.stderr).toMatch(/GET :8080\/healthz answers .* 500/)
  expect([...traffic.bodies.keys()].sort()).toEqual(['3 blue', '3 green'])
  expect(await selector()).toBe('blue')
})

test('switch refuses a colour that is not ready, and suggests a name for an unknown one', async () => {
  const unready = await shop.run(['switch', 'gate', 'green', '--timeout', '3s'])
  expect(unready.exitCode).toBe(3)
  expect(unready.stderr).toContain('green cannot take over')
  const unknown = await shop.run(['switch', 'gate', 'gren'])
  expect(unknown.exitCode).toBe(2)
  expect(unknown.stderr).toContain('Did you mean "green"?')
  expect(await selector()).toBe('blue')
})

test('plan shows the rules and the changes of an overlay, and writes nothing', async () => {
  const kinds = 'deployments,statefulsets,services,ingresses,resourcequotas,storageclasses,configmaps'
  const written = () =>
    shop.kubectl('get', kinds, '-A', '-o', 'jsonpath={range .items[*]}{.metadata.uid}/{.metadata.generation} {end}')
  const before = await written()
  const plan = await json('plan', '--overlay', 'production')
  expect(await written()).toBe(before)
  expect(plan.rules).toContainEqual(
    expect.objectContaining({ object: 'Deployment release/web', rule: 'scale.replicas', from: '6', to: '2' }),
  )
  expect(plan.changes).toContainEqual(
    expect.objectContaining({ action: 'create', object: 'ResourceQuota release/everything' }),
  )
  expect(plan.fit.fits).toBe(true)
})

test('an unknown overlay and one that does not render are refused', async () => {
  const unknown = await shop.run(['plan', '--overlay', 'prodution'])
  expect(unknown.exitCode).toBe(2)
  expect(unknown.stderr).toContain('Did you mean "production"?')
  const broken = await shop.run(['up', '--detach', '--overlay', 'broken'])
  expect(broken.exitCode).toBe(2)
  expect(broken.stderr).toContain('kustomize could not render k8s/overlays/broken')
})

test('up deploys the production overlay, scaled down by the rules', async () => {
  await shop.edit('k8s/base/gate.yaml', 'FAIL_AFTER, value: "20"', 'FAIL_AFTER, value: "0"')
  // Kubernetes does not add volume claims to an existing StatefulSet.
  await shop.kubectl('delete', 'statefulset', 'store', '-n', 'release')
  await up('--overlay', 'production')
  const claims = await shop.kubectl(
    'get',
    'pvc',
    '-n',
    'release',
    '-o',
    'jsonpath={range .items[*]}{.spec.storageClassName}/{.status.phase}/{.spec.resources.requests.storage} {end}',
  )
  expect(claims).toBe('gp3/Bound/1Gi gp3/Bound/1Gi')
  const topology = '{.spec.template.spec.topologySpreadConstraints[0].topologyKey}'
  const web = await field('deploy', 'web', `{.spec.replicas} ${topology}`)
  expect(web).toBe('2 kubernetes.io/hostname')
  expect(await field('ingress', 'web', '{.spec.rules[0].host}')).toBe('shop.localhost')
  expect(await shop.kubectl('get', 'pdb,quota', '-n', 'release', '-o', 'name')).toContain(
    'poddisruptionbudget.policy/web',
  )
})
