/** `up` of a project that never becomes ready: meanwhile its forwards and logs work. The tests build on each other. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StatusReport } from '../../../src/commands/status/report.ts'
import { type Devk, devkIn, type Running } from '../support/devk.ts'
import { eventually } from '../support/eventually.ts'
import { getText } from '../support/http.ts'
import { kubectlIn } from '../support/kubectl.ts'
import { leftovers } from '../support/leftovers.ts'

const name = 'not-ready'
const port = 30451
const kubectl = kubectlIn(`${name}-control-plane`)
let folder = ''
let devk: Devk
let running: Running

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-not-ready-'))
  const web = { build: { context: 'web' }, ports: [`${port}:8080`] }
  const services = { web, app: { build: { context: 'app' } }, slow: { workload: 'Deployment/slow' } }
  await write('platform.config.json', JSON.stringify({ name, services, deploy: { manifests: 'k8s' } }))
  const serve = 'hostname >/www/index.html; exec httpd -f -p 8080 -h /www'
  await write('web/Dockerfile', `FROM busybox:1.37\nRUN mkdir /www\nCMD ["sh", "-c", "${serve}"]\n`)
  await write('app/Dockerfile', 'FROM busybox:1.37\nCMD ["sh", "-c", "echo from-$ROLE; sleep infinity"]\n')
  const items = [webSet, app, deployment('slow', [slow]), deployment('other', [other])]
  await write('k8s/all.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  devk = await devkIn(folder)
  running = devk.start(['up', '--yes'], { env: { CI: undefined } })
  await running.waitFor(/Watching/, 240_000)
})
afterAll(async () => {
  running?.child.kill('SIGINT')
  await running?.finished
  await devk?.run(['down'])
  await devk?.dispose()
  await rm(folder, { recursive: true, force: true })
})

test('a forward leads to ready pods only, also while the pod that it leads to is deleted', async () => {
  // Of the three pods the last is never ready.
  await twoPodsAreReady()
  const ask = () => getText(`http://localhost:${port}/`)
  const first = (await eventually('the first answer', 60, ask)).trim()
  const answers: string[] = []
  for (let left = 50; left > 0; left -= 1) {
    answers.push((await ask()).trim())
    if (left === 30) await kubectl('delete', 'pod', first, '--wait=false')
    await sleep(100)
  }
  expect(answers.filter((pod) => pod !== 'web-0' && pod !== 'web-1')).toEqual([])
  expect(new Set(answers).size).toBe(2)
})

const markers = ['from-init', 'from-main', 'from-side', 'from-slow']

test('each line of each container comes once, before anything is ready, with its container', async () => {
  const timesIn = (text: string) => markers.map((marker) => text.split(marker).length - 1)
  const once = markers.map(() => 1)
  await eventually(
    'all lines',
    30,
    async () => markers.every((marker) => running.output().includes(marker)) || undefined,
  )
  expect(timesIn(running.output())).toEqual(once)
  expect(running.output()).toMatch(/^app +init from-init$/m)
  const logs = await devk.run(['logs'])
  expect(timesIn(logs.stdout)).toEqual(once)
  expect(logs.stdout).not.toContain('from-other')
  const lines = (await devk.run(['logs', 'app', '--json'])).stdout.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).container).sort()).toEqual(['init', 'main', 'side'])
})

test('a workload that no service names can be asked for its logs', async () => {
  expect((await devk.run(['logs', 'other'])).stdout).toContain('from-other')
})

/** Name, state, number of ready pods and whether there is a reason, for each service that `status` shows. */
async function status() {
  const { stdout } = await devk.run(['status', '--json'])
  const { services } = JSON.parse(stdout) as StatusReport
  return services.map(({ name, state, reason, pods }) => {
    const ready = pods.filter((pod) => pod.ready).length
    return `${name} ${state} ${ready}/${pods.length}${reason === null ? '' : ' because'}`
  })
}

const twoPodsAreReady = () =>
  eventually('two ready pods of web', 60, async () => (await status()).includes(waiting[2] ?? '') || undefined)

const waiting = ['app ready 1/1', 'slow starting 0/1 because', 'web starting 2/3 because']

test('status names what is not ready, with its reason', async () => {
  // The pod that replaces the deleted one may still be starting.
  await twoPodsAreReady()
  expect((await status()).sort()).toEqual(waiting)
})

test('down --dry-run works beside it', async () => {
  const { exitCode, stderr } = await devk.run(['down', '--dry-run'])
  expect(exitCode, stderr).toBe(0)
  expect(stderr).toContain('Would remove')
})

test('a pod knows the names of the network of its node, and CoreDNS has not started again', async () => {
  // The resolver of this network listens on the loopback of the node, as that of many machines does.
  const asked = await kubectl('exec', 'web-0', '--', 'nslookup', '-type=a', `${name}-control-plane.`)
  expect(asked).toMatch(/^Name:\s+not-ready-control-plane/m)
  const restarts = 'jsonpath={.items[*].status.containerStatuses[*].restartCount}'
  expect(await kubectl('-n', 'kube-system', 'get', 'pods', '-l', 'k8s-app=kube-dns', '-o', restarts)).toMatch(/^[0 ]+$/)
})

test('an up that does not stay ends with 3, and leaves nothing after down', async () => {
  running.child.kill('SIGINT')
  expect((await running.finished).exitCode).toBe(130)
  const { exitCode, stderr } = await devk.run(['up', '--detach', '--yes', '--timeout', '5s'])
  expect(exitCode).toBe(3)
  expect(stderr).toContain('slow')
  expect((await status()).sort()).toEqual(waiting)
  expect((await devk.run(['down'])).exitCode).toBe(0)
  expect(await leftovers(name)).toEqual([])
})

async function write(file: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true })
  await writeFile(join(folder, file), content)
}

function deployment(app: string, containers: readonly object[], initContainers: readonly object[] = []) {
  const labels = { app }
  const pod = { terminationGracePeriodSeconds: 1, containers, initContainers }
  const spec = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: app }, spec }
}

const says = (text: string) => ({ image: 'busybox:1.37', command: ['sh', '-c', `echo ${text}; sleep infinity`] })
const other = { name: 'other', ...says('from-other') }
const slow = { name: 'slow', ...says('from-slow'), readinessProbe: { exec: { command: ['false'] } } }
const role = (value: string) => ({ name: value, image: 'app', env: [{ name: 'ROLE', value }] })
const init = { name: 'init', image: 'app', command: ['sh', '-c', 'echo from-init; sleep 5'] }
const app = deployment('app', [role('main'), role('side')], [init])
const isReady = ['sh', '-c', 'test $(hostname) != web-2']
const served = { name: 'web', image: 'web', readinessProbe: { exec: { command: isReady }, periodSeconds: 1 } }
const { spec } = deployment('web', [served])
const set = { ...spec, serviceName: 'web', replicas: 3, podManagementPolicy: 'Parallel' }
const webSet = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'web' }, spec: set }
