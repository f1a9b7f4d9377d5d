/** A cluster that devk did not create: what it refuses there, and what it deploys. */
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { docker } from '../../support/docker.ts'
import { type ApiProxy, apiProxy } from '../support/api-proxy.ts'
import { type Devk, devkIn, type Finished } from '../support/devk.ts'
import { eventually } from '../support/eventually.ts'
import { leftovers } from '../support/leftovers.ts'
import { writeMessageApp } from '../support/projects/message-app.ts'
import { createTestCluster, type TestCluster } from '../support/test-cluster.ts'

const registry = 'devk-e2e-existing-registry'
const registryPort = 5117
const forward = 18117
const project = 'ada-shop'

let cluster: TestCluster
let proxy: ApiProxy
let other: ApiProxy
let folder: string
let devk: Devk

/** `cluster` of a configuration that may use the cluster by its context `shared`. */
const shared = { provider: 'existing', context: 'shared', registry: `localhost:${registryPort}/team` }

/** Writes the configuration with this `cluster`. */
async function configure(existing: object): Promise<void> {
  const config = {
    name: 'shop',
    cluster: existing,
    deploy: { manifests: 'k8s.yaml' },
    services: {
      web: {
        build: { context: 'web' },
        ports: [`${forward}:8000`],
        sync: [{ from: 'web/message.txt', to: '/app/message.txt' }],
      },
    },
  }
  await writeFile(join(folder, 'platform.config.json'), JSON.stringify(config))
}

/** Writes a kubeconfig with a context for each server, by name. */
async function writeKubeconfig(servers: Readonly<Record<string, string>>): Promise<void> {
  const names = Object.keys(servers)
  await writeFile(
    join(folder, 'kubeconfig'),
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': names[0],
      contexts: names.map((name) => ({ name, context: { cluster: name, user: 'dev' } })),
      clusters: names.map((name) => ({ name, cluster: { server: servers[name] } })),
      users: [{ name: 'dev', user: {} }],
    }),
  )
}

const run = (...args: string[]): Promise<Finished> =>
  devk.run(args, { env: { KUBECONFIG: join(folder, 'kubeconfig'), USER: 'ada' } })

/** The versions of the objects that devk did not create, and the names of all namespaces. */
async function foreignState(): Promise<{ objects: string; namespaces: string[] }> {
  const columns = 'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.metadata.resourceVersion}{"\\n"}{end}'
  const objects = await cluster.kubectl('get', 'configmap,deployment', '-n', 'foreign', '-o', columns)
  const namespaces = await cluster.kubectl('get', 'namespaces', '-o', 'jsonpath={.items[*].metadata.name}')
  return { objects, namespaces: namespaces.split(' ') }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-existing-'))
  await writeMessageApp(folder)
  devk = await devkIn(folder)
  cluster = await createTestCluster('devk-e2e-existing')
  await docker('rm', '-f', '-v', registry).catch(() => '')
  const publish = `127.0.0.1:${registryPort}:5000`
  await docker('run', '-d', '--name', registry, '--network', 'kind', '-p', publish, 'registry:3')
  const hosts = `/etc/containerd/certs.d/localhost:${registryPort}`
  const server = `[host."http://${registry}:5000"]`
  await docker('exec', cluster.node, 'sh', '-c', `mkdir -p ${hosts} && echo '${server}' > ${hosts}/hosts.toml`)
  proxy = await apiProxy(cluster.kubeconfig)
  other = await apiProxy(cluster.kubeconfig)
  await cluster.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'foreign' } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs', namespace: 'foreign' }, data: { a: 'b' } },
  )
  await writeKubeconfig({ shared: proxy.url, 'eu-prod-1': proxy.url })
})

afterAll(async () => {
  await run('down')
  await devk.dispose()
  await Promise.all([proxy?.close(), other?.close()])
  await docker('rm', '-f', '-v', registry).catch(() => '')
  await cluster?.delete()
  await rm(folder, { recursive: true, force: true })
})

test.each([
  ['its name looks like production', { ...shared, context: 'eu-prod-1' }, /looks like production/],
  ['it matches a pattern of cluster.deny', { ...shared, deny: ['sha*'] }, /looks like production/],
  ['the kubeconfig does not have it', { ...shared, context: 'share' }, /no context "share"/],
])('up refuses a context and sends no request when %s', async (_, existing, message) => {
  proxy.reset()
  await configure(existing)
  const up = await run('up', '--yes', '--detach')
  expect(up.stderr).toMatch(message)
  expect([up.exitCode, proxy.counts]).toEqual([1, {}])
})

test('up refuses a cluster that the user has not allowed by name, also with --yes, and sends no request', async () => {
  proxy.reset()
  await configure(shared)
  for (const flags of [[], ['--yes'], ['--yes', '--allow-context', 'other']]) {
    const up = await run('up', '--detach', ...flags)
    expect(up.stderr).toMatch(/has not been allowed/)
    expect([up.exitCode, proxy.counts]).toEqual([1, {}])
  }
})

test('up deploys into a namespace of the developer, with an image from the registry', async () => {
  const up = await run('up', '--yes', '--allow-context', 'shared', '--detach')
  expect(up.stderr).toMatch(/Ready in/)
  expect(up.exitCode).toBe(0)
  const image = await cluster.kubectl(
    ...['get', 'deployment', 'web', '-n', project, '-o', 'jsonpath={.spec.template.spec.containers[0].image}'],
  )
  expect(image).toMatch(new RegExp(`^localhost:${registryPort}/team/${project}/web:`))
  const url = await cluster.kubectl('get', 'configmap', 'settings', '-n', project, '-o', 'jsonpath={.data.url}')
  expect(url).toBe(`http://web.${project}.svc.cluster.local:8000`)
  expect((await foreignState()).namespaces).not.toContain('shop')
})

test('a second up sends no write request', async () => {
  proxy.reset()
  const up = await run('up', '--detach')
  expect(up.stderr).toMatch(/nothing changed/i)
  expect([up.exitCode, proxy.writes]).toEqual([0, []])
})

test('dev syncs a save with tar, and forwards a port, both through the API server', async () => {
  const dev = devk.start(['dev'], { env: { KUBECONFIG: join(folder, 'kubeconfig'), USER: 'ada' } })
  const answer = async () => (await fetch(`http://127.0.0.1:${forward}/`)).text()
  try {
    await dev.waitFor(/Watching/, 120_000)
    await eventually('the first message', 60, async () => ((await answer()) === 'first' ? true : undefined))
    proxy.reset()
    // As editors save: the watcher never sees a half-written file, which would be synced on its own.
    await writeFile(join(folder, 'message.new'), 'second')
    await rename(join(folder, 'message.new'), join(folder, 'web/message.txt'))
    await dev.waitFor(/synced/)
    expect(await answer()).toBe('second')
    expect(proxy.streams.filter((path) => path.includes('/exec?') && path.includes('command=tar'))).toHaveLength(1)
  } finally {
    dev.child.kill('SIGINT')
  }
  expect((await dev.finished).exitCode).toBe(130)
})

test('status, logs, exec and restart work as on a cluster of devk', async () => {
  const status = JSON.parse((await run('status', '--json')).stdout)
  expect(status).toMatchObject({ project, cluster: { provider: 'existing', context: 'shared' } })
  expect(status.services[0]).toMatchObject({ name: 'web', state: 'ready' })
  expect((await run('logs', 'web')).stdout).toMatch(/serving/)
  expect((await run('exec', 'web', '--', 'sh', '-c', 'exit 7')).exitCode).toBe(7)
  expect((await run('restart', 'web')).exitCode).toBe(0)
})

test('a context that leads to another cluster or another address is refused before anything is written', async () => {
  const kept = await readFile(join(folder, 'k8s.yaml'), 'utf8')
  await writeFile(join(folder, 'k8s.yaml'), kept.replace('http://', 'https://'))
  proxy.reset()
  proxy.uid = '00000000-0000-0000-0000-000000000000'
  for (const command of [['up', '--yes', '--detach'], ['restart'], ['down']]) {
    const refused = await run(...command)
    expect(refused.stderr).toMatch(/another cluster|is not the cluster/)
    expect(refused.exitCode).toBe(1)
  }
  expect(proxy.writes).toEqual([])
  proxy.uid = undefined
  await writeKubeconfig({ shared: other.url })
  const moved = await run('up', '--yes', '--detach')
  expect(moved.stderr).toMatch(/another cluster/)
  expect([moved.exitCode, other.counts]).toEqual([1, {}])
  await writeKubeconfig({ shared: proxy.url })
  await writeFile(join(folder, 'k8s.yaml'), kept)
})

test('down deletes what devk created, and leaves the cluster and the objects of others', async () => {
  const before = await foreignState()
  const down = await run('down')
  expect(down.stderr).toMatch(/removed/)
  expect(down.exitCode).toBe(0)
  const namespaces = before.namespaces.filter((name) => name !== project && name !== 'devk-system')
  expect(await foreignState()).toEqual({ objects: before.objects, namespaces })
  expect(await leftovers(project)).toEqual([])
  expect((await run('down')).exitCode).toBe(0)
})

test('without a registry, images are copied into nodes that are containers of this machine', async () => {
  await configure({ provider: 'existing', context: 'shared' })
  const up = await run('up', '--detach')
  expect(up.stderr).toMatch(/Ready in/)
  expect((await run('exec', 'web', '--', 'cat', '/app/message.txt')).stdout).toBe('second')
  expect((await run('down')).exitCode).toBe(0)
})
