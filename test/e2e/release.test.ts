import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Devk, devkIn, type Finished, repository } from './support/devk.ts'
import { docker, leftovers } from './support/engine.ts'
import { type LoadResult, load, once } from './support/load.ts'

const project = 'release-e2e'
const web = 'http://127.0.0.1:30190/'
const gate = 'http://127.0.0.1:30191/'

let folder: string
let devk: Devk

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-release-'))
  await cp(join(repository, 'test/e2e/support/release'), folder, { recursive: true })
  devk = await devkIn(folder)
  await up()
})

afterAll(async () => {
  await devk.run(['down'])
  await devk.dispose()
  await rm(folder, { recursive: true, force: true })
  expect(await leftovers(project)).toEqual([])
})

async function up(...more: string[]): Promise<Finished> {
  const done = await devk.run(['up', '--detach', '--yes', '--timeout', '10m', ...more])
  expect(done.exitCode, done.stderr).toBe(0)
  return done
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const path = join(folder, file)
  const text = await readFile(path, 'utf8')
  const changed = change(text)
  expect(changed).not.toBe(text)
  await writeFile(path, changed)
}

/** Waits until the address answers so; kube-proxy follows up to a second behind. */
async function served(url: string, body: string): Promise<void> {
  await expect.poll(() => once(url).catch((error: Error) => error.message), { timeout: 60_000 }).toBe(body)
}

/** Runs devk while clients send requests to `url`, and expects that none of them noticed. */
async function underLoad(url: string, ...args: string[]): Promise<{ done: Finished; seen: LoadResult }> {
  const clients = load(url, 4)
  const done = await devk.run(args)
  const seen = await clients.stop()
  expect(seen.failures).toEqual([])
  expect(seen.requests).toBeGreaterThan(50)
  return { done, seen }
}

/** A fact of the cluster, read with the node's own kubectl. */
function fact(...args: string[]): Promise<string> {
  return docker('exec', `${project}-control-plane`, 'kubectl', '--kubeconfig=/etc/kubernetes/admin.conf', ...args)
}

const webImage = () =>
  fact('get', 'deploy', 'web', '-n', 'release', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')
const selector = () => fact('get', 'service', 'gate', '-n', 'release', '-o', 'jsonpath={.spec.selector.color}')

async function json(...args: string[]) {
  const done = await devk.run([...args, '--json'])
  expect(done.exitCode, done.stdout + done.stderr).toBe(0)
  return JSON.parse(done.stdout)
}

const revisionsOf = async (service: string): Promise<{ revision: number; current: boolean; images: string[] }[]> =>
  (await json('history', service)).services[0].revisions

test('a service that was never changed has one revision, and nothing to go back to', async () => {
  await served(web, '1 none')
  expect((await revisionsOf('web')).map(({ revision, current }) => [revision, current])).toEqual([[1, true]])
  const back = await devk.run(['rollback', 'web'])
  expect(back.exitCode).toBe(1)
  expect(back.stderr).toContain('has no revision before 1')
})

test('a restart replaces every pod, and no request fails', async () => {
  const pods = () => fact('get', 'pods', '-n', 'release', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.uid}')
  const before = (await pods()).split(' ')
  const { done } = await underLoad(web, 'restart', 'web')
  expect(done.exitCode, done.stderr).toBe(0)
  const ready = await fact(
    'get',
    'deploy',
    'web',
    '-n',
    'release',
    '-o',
    'jsonpath={.status.updatedReplicas}/{.status.readyReplicas}',
  )
  expect(ready).toBe('2/2')
  await expect
    .poll(async () => (await pods()).split(' ').filter((uid) => before.includes(uid)), { timeout: 60_000 })
    .toEqual([])
})

test('a rollback deploys the revision before, and no request fails', async () => {
  const first = await webImage()
  await edit('app/version.txt', () => '2\n')
  await up()
  await served(web, '2 none')
  const second = await webImage()
  expect(second).not.toBe(first)

  const { done, seen } = await underLoad(web, 'rollback', 'web')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(await webImage()).toBe(first)
  expect([...seen.bodies.keys()].sort()).toEqual(['1 none', '2 none'])
  await served(web, '1 none')
  const [newest] = await revisionsOf('web')
  expect(newest).toMatchObject({ current: true, images: [first] })
})

test('status and history tell of it, and an up without a change leaves it', async () => {
  const status = await devk.run(['status'])
  expect(status.stdout).toMatch(/rolled back to revision \d+ \(from \d+\)/)
  const again = await up()
  expect(again.stderr).toMatch(/nothing changed/i)
  expect(await once(web)).toBe('1 none')
})

test('the next change of the sources deploys again, with nothing of the rollback left', async () => {
  await edit('app/version.txt', () => '3\n')
  await up()
  await served(web, '3 none')
  const notes = await fact('get', 'deploy', 'web', '-n', 'release', '-o', 'jsonpath={.metadata.annotations}')
  expect(notes).not.toContain('rolled-back')
  const status = await devk.run(['status'])
  expect(status.stdout).not.toContain('rolled back')
})

test('a StatefulSet that hangs on a broken pod comes back', async () => {
  const path = 'k8s/base/store.yaml'
  await edit(path, (text) => text.replace('path: /healthz', 'path: /nowhere-else'))
  const broken = await devk.run(['up', '--detach', '--yes', '--timeout', '25s'])
  expect(broken.exitCode).toBe(3)
  const back = await devk.run(['rollback', 'store', '--timeout', '2m'])
  expect(back.exitCode, back.stderr).toBe(0)
  const ready = await fact('get', 'sts', 'store', '-n', 'release', '-o', 'jsonpath={.status.readyReplicas}')
  expect(ready).toBe('2')
  await edit(path, (text) => text.replace('/nowhere-else', '/healthz'))
  await up()
})

test('a revision that is not there, and a service that is not there, are named', async () => {
  const number = await devk.run(['rollback', 'web', '--to', '99'])
  expect(number.exitCode).toBe(2)
  expect(number.stderr).toMatch(/has no revision 99/)
  const name = await devk.run(['rollback', 'wep'])
  expect(name.exitCode).toBe(2)
  expect(name.stderr).toContain('Did you mean "web"?')
})

test('a switch moves all traffic to the other colour, and no request fails', async () => {
  await served(gate, '3 blue')
  const { done, seen } = await underLoad(gate, 'switch', 'gate', 'green', '--watch', '3s')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(await selector()).toBe('green')
  expect([...seen.bodies.keys()].sort()).toEqual(['3 blue', '3 green'])
  await served(gate, '3 green')
  expect(await json('switch', 'gate')).toMatchObject({ label: 'color', current: 'green', manifests: 'blue' })
})

test('an up leaves the switch, also when the manifest of the Service changes', async () => {
  await edit('k8s/base/gate.yaml', (text) => text.replace('name: gate\n', 'name: gate\n  labels: {team: one}\n'))
  await up()
  expect(await fact('get', 'service', 'gate', '-n', 'release', '-o', 'jsonpath={.metadata.labels.team}')).toBe('one')
  expect(await selector()).toBe('green')
})

test('one command goes back', async () => {
  const { done } = await underLoad(gate, 'switch', 'gate', 'blue', '--watch', '1s')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(await selector()).toBe('blue')
  await served(gate, '3 blue')
})

test('a colour that falls ill under traffic is left again, and no request fails', async () => {
  await edit('k8s/base/gate.yaml', (text) => text.replace('FAIL_AFTER, value: "0"', 'FAIL_AFTER, value: "20"'))
  await up()
  const { done, seen } = await underLoad(gate, 'switch', 'gate', 'green', '--watch', '30s')
  expect(done.exitCode).toBe(1)
  expect(done.stderr).toContain('gate chooses blue again')
  expect(done.stderr).toMatch(/GET :8080\/healthz answers .* 500/)
  expect([...seen.bodies.keys()].sort()).toEqual(['3 blue', '3 green'])
  expect(await selector()).toBe('blue')
})

test('a colour that is not ready is not switched to; one that nothing has is named', async () => {
  const ill = await devk.run(['switch', 'gate', 'green', '--timeout', '3s'])
  expect(ill.exitCode).toBe(3)
  expect(ill.stderr).toContain('green cannot take over')
  const unknown = await devk.run(['switch', 'gate', 'gren'])
  expect(unknown.exitCode).toBe(2)
  expect(unknown.stderr).toContain('Did you mean "green"?')
  expect(await selector()).toBe('blue')
})

test('a plan shows the rules and the changes of an overlay, and writes nothing', async () => {
  const kinds = 'deployments,statefulsets,services,ingresses,resourcequotas,storageclasses,configmaps'
  const written = () =>
    fact('get', kinds, '-A', '-o', 'jsonpath={range .items[*]}{.metadata.uid}/{.metadata.generation} {end}')
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
  const unknown = await devk.run(['plan', '--overlay', 'prodution'])
  expect(unknown.exitCode).toBe(2)
  expect(unknown.stderr).toContain('Did you mean "production"?')
  const broken = await devk.run(['up', '--detach', '--overlay', 'broken'])
  expect(broken.exitCode).toBe(1)
  expect(broken.stderr).toContain('kustomize could not render k8s/overlays/broken')
})

test('the production overlay comes up in its own shape, as far as the rules leave it', async () => {
  await edit('k8s/base/gate.yaml', (text) => text.replace('FAIL_AFTER, value: "20"', 'FAIL_AFTER, value: "0"'))
  // Claims cannot be added to a StatefulSet that is there.
  await fact('delete', 'statefulset', 'store', '-n', 'release')
  await up('--overlay', 'production')
  const claims = await fact(
    'get',
    'pvc',
    '-n',
    'release',
    '-o',
    'jsonpath={range .items[*]}{.spec.storageClassName}/{.status.phase}/{.spec.resources.requests.storage} {end}',
  )
  expect(claims).toBe('gp3/Bound/1Gi gp3/Bound/1Gi')
  const web = await fact(
    'get',
    'deploy',
    'web',
    '-n',
    'release',
    '-o',
    'jsonpath={.spec.replicas} {.spec.template.spec.topologySpreadConstraints[0].topologyKey}',
  )
  expect(web).toBe('2 kubernetes.io/hostname')
  expect(await fact('get', 'ingress', 'web', '-n', 'release', '-o', 'jsonpath={.spec.rules[0].host}')).toBe(
    'shop.localhost',
  )
  expect(await fact('get', 'pdb,quota', '-n', 'release', '-o', 'name')).toContain('poddisruptionbudget.policy/web')
})
