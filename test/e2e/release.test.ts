import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Finished } from './support/devk.ts'
import { leftovers } from './support/engine.ts'
import { type Example, exampleProject } from './support/example.ts'
import { once, underLoad } from './support/load.ts'

const project = 'release-e2e'
const web = 'http://127.0.0.1:30190/'
const gate = 'http://127.0.0.1:30191/'

let shop: Example

beforeAll(async () => {
  shop = await exampleProject({ name: 'release', project, changes: [], home: 'test/e2e/support/release' })
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

/** Waits until the address answers so; kube-proxy follows up to a second behind. */
async function served(url: string, body: string): Promise<void> {
  await expect.poll(() => once(url).catch((error: Error) => error.message), { timeout: 60_000 }).toBe(body)
}

/** Runs devk while clients send requests to `url`, of which none may fail. */
const asked = (url: string, ...args: string[]) => underLoad(url, () => shop.run(args))

/** What a JSONPath finds in an object of the stack. */
const field = (kind: string, name: string, path: string) =>
  shop.kubectl('get', kind, name, '-n', 'release', '-o', `jsonpath=${path}`)
const webImage = () => field('deploy', 'web', '{.spec.template.spec.containers[0].image}')
const selector = () => field('service', 'gate', '{.spec.selector.color}')

async function json(...args: string[]) {
  const done = await shop.run([...args, '--json'])
  expect(done.exitCode, done.stdout + done.stderr).toBe(0)
  return JSON.parse(done.stdout)
}

const revisionsOf = async (service: string): Promise<{ revision: number; current: boolean; images: string[] }[]> =>
  (await json('history', service)).services[0].revisions

test('a service that was never changed has one revision, and nothing to go back to', async () => {
  await served(web, '1 none')
  expect((await revisionsOf('web')).map(({ revision, current }) => [revision, current])).toEqual([[1, true]])
  const back = await shop.run(['rollback', 'web'])
  expect(back.exitCode).toBe(1)
  expect(back.stderr).toContain('has no revision before 1')
})

test('a restart replaces every pod, and no request fails', async () => {
  const pods = () =>
    shop.kubectl('get', 'pods', '-n', 'release', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.uid}')
  const before = (await pods()).split(' ')
  const { done } = await asked(web, 'restart', 'web')
  expect(done.exitCode, done.stderr).toBe(0)
  const ready = await field('deploy', 'web', '{.status.updatedReplicas}/{.status.readyReplicas}')
  expect(ready).toBe('2/2')
  await expect
    .poll(async () => (await pods()).split(' ').filter((uid) => before.includes(uid)), { timeout: 60_000 })
    .toEqual([])
})

test('a rollback deploys the revision before, and no request fails', async () => {
  const first = await webImage()
  await shop.write('app/version.txt', '2\n')
  await up()
  await served(web, '2 none')
  const second = await webImage()
  expect(second).not.toBe(first)

  const { done, seen } = await asked(web, 'rollback', 'web')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(await webImage()).toBe(first)
  expect([...seen.bodies.keys()].sort()).toEqual(['1 none', '2 none'])
  await served(web, '1 none')
  const [newest] = await revisionsOf('web')
  expect(newest).toMatchObject({ current: true, images: [first] })
})

test('status and history tell of it, and an up without a change leaves it', async () => {
  const status = await shop.run(['status'])
  expect(status.stdout).toMatch(/rolled back to revision \d+ \(from \d+\)/)
  const again = await up()
  expect(again.stderr).toMatch(/nothing changed/i)
  expect(await once(web)).toBe('1 none')
})

test('the next change of the sources deploys again, with nothing of the rollback left', async () => {
  await shop.write('app/version.txt', '3\n')
  await up()
  await served(web, '3 none')
  const notes = await field('deploy', 'web', '{.metadata.annotations}')
  expect(notes).not.toContain('rolled-back')
  const status = await shop.run(['status'])
  expect(status.stdout).not.toContain('rolled back')
})

test('a StatefulSet that hangs on a broken pod comes back', async () => {
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

test('a revision that is not there, and a service that is not there, are named', async () => {
  const number = await shop.run(['rollback', 'web', '--to', '99'])
  expect(number.exitCode).toBe(2)
  expect(number.stderr).toMatch(/has no revision 99/)
  const name = await shop.run(['rollback', 'wep'])
  expect(name.exitCode).toBe(2)
  expect(name.stderr).toContain('Did you mean "web"?')
})

test('a switch moves all traffic to the other colour, and no request fails', async () => {
  await served(gate, '3 blue')
  const { done, seen } = await asked(gate, 'switch', 'gate', 'green', '--watch', '3s')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(await selector()).toBe('green')
  expect([...seen.bodies.keys()].sort()).toEqual(['3 blue', '3 green'])
  await served(gate, '3 green')
  expect(await json('switch', 'gate')).toMatchObject({ label: 'color', current: 'green', manifests: 'blue' })
})

test('an up leaves the switch, also when the manifest of the Service changes', async () => {
  await shop.edit('k8s/base/gate.yaml', 'metadata:\n  name: gate\n', 'metadata:\n  name: gate\n  labels: {team: one}\n')
  await up()
  expect(await field('service', 'gate', '{.metadata.labels.team}')).toBe('one')
  expect(await selector()).toBe('green')
})

test('one command goes back', async () => {
  const { done } = await asked(gate, 'switch', 'gate', 'blue', '--watch', '1s')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(await selector()).toBe('blue')
  await served(gate, '3 blue')
})

test('a colour that falls ill under traffic is left again, and no request fails', async () => {
  await shop.edit('k8s/base/gate.yaml', 'FAIL_AFTER, value: "0"', 'FAIL_AFTER, value: "20"')
  await up()
  const { done, seen } = await asked(gate, 'switch', 'gate', 'green', '--watch', '30s')
  expect(done.exitCode).toBe(1)
  expect(done.stderr).toContain('gate selects blue again')
  expect(done.stderr).toMatch(/GET :8080\/healthz answers .* 500/)
  expect([...seen.bodies.keys()].sort()).toEqual(['3 blue', '3 green'])
  expect(await selector()).toBe('blue')
})

test('a colour that is not ready is not switched to; one that nothing has is named', async () => {
  const ill = await shop.run(['switch', 'gate', 'green', '--timeout', '3s'])
  expect(ill.exitCode).toBe(3)
  expect(ill.stderr).toContain('green cannot take over')
  const unknown = await shop.run(['switch', 'gate', 'gren'])
  expect(unknown.exitCode).toBe(2)
  expect(unknown.stderr).toContain('Did you mean "green"?')
  expect(await selector()).toBe('blue')
})

test('a plan shows the rules and the changes of an overlay, and writes nothing', async () => {
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

test('overlays that are not there or do not render are refused', async () => {
  const unknown = await shop.run(['plan', '--overlay', 'prodution'])
  expect(unknown.exitCode).toBe(2)
  expect(unknown.stderr).toContain('Did you mean "production"?')
  const broken = await shop.run(['up', '--detach', '--overlay', 'broken'])
  expect(broken.exitCode).toBe(1)
  expect(broken.stderr).toContain('kustomize could not render k8s/overlays/broken')
})

test('the production overlay comes up in its own shape, as far as the rules leave it', async () => {
  await shop.edit('k8s/base/gate.yaml', 'FAIL_AFTER, value: "20"', 'FAIL_AFTER, value: "0"')
  // Claims cannot be added to a StatefulSet that is there.
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
