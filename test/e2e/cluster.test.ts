import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kindProvider } from '../../src/cluster/kind.ts'
import type { ClusterProvider, ClusterSpec } from '../../src/cluster/provider.ts'
import { dockerEngine } from '../../src/engine/engine.ts'
import { endOrphans } from '../../src/exec/orphans.ts'
import { execaRunner } from '../../src/exec/runner.ts'
import { portOwners } from '../../src/host/port-owner.ts'
import { explainPod } from '../../src/kube/explain.ts'
import { conditionOf, type Pod } from '../../src/kube/pod.ts'
import { bytesOf } from '../../src/lib/quantity.ts'
import { type Journal, openJournal } from '../../src/state/journal.ts'
import { copyImage, findKind } from './support/cluster.ts'
import { docker, leftovers } from './support/engine.ts'
import { runPod } from './support/pods.ts'

const name = 'devk-e2e-cluster'
const node = `${name}-control-plane`
const signal = AbortSignal.timeout(900_000)
const engine = dockerEngine(process.env)
const spec: ClusterSpec = {
  project: name,
  name,
  nodes: [
    { role: 'control-plane', labels: { 'ingress-ready': 'true' }, taints: [] },
    {
      role: 'worker',
      labels: { disk: 'ssd', 'topology.kubernetes.io/zone': 'zone-a', 'node-role.kubernetes.io/app': '' },
      taints: [],
      size: { cpu: 1000, memory: 1024 ** 3 },
    },
    { role: 'worker', labels: { 'topology.kubernetes.io/zone': 'zone-b' }, taints: ['dedicated=db:NoSchedule'] },
  ],
  ports: [{ host: 31967, node: 30080 }],
  image: 'kindest/node:v1.34.4',
  podSubnet: '10.250.0.0/16',
  serviceSubnet: undefined,
  kubeadmPatches: [],
}

let folder: string
let journal: Journal
let kind: ClusterProvider
let kubeconfig: string

async function providerOf(
  project: string,
  file = `${project}.json`,
): Promise<{ journal: Journal; kind: ClusterProvider }> {
  const open = (leaf: string) => openJournal({ file: join(folder, leaf), now: () => new Date() })
  const own = open(file)
  const shared = open('shared.json')
  const runner = execaRunner(process.env)
  const ends = (args: readonly string[]) => endOrphans(runner, process.platform, args)
  const portOwner = portOwners(runner, process.platform)
  const deps = { runner, binary: await findKind(), engine, project, journal: own, shared, portOwner, endOrphans: ends }
  return { journal: own, kind: kindProvider(deps) }
}

const kubectl = (...args: string[]) =>
  docker('exec', node, 'kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', ...args)
const say = () => {}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-e2e-cluster-'))
  kubeconfig = join(folder, 'private', 'kubeconfig')
  ;({ journal, kind } = await providerOf(name))
  for (const container of (await docker('ps', '-aq', '--filter', `label=io.x-k8s.kind.cluster=${name}`)).split('\n')) {
    if (container !== '') await docker('rm', '-f', '-v', container)
  }
  await kind.create(spec, kubeconfig, say, signal)
}, 600_000)

afterAll(async () => {
  await (await providerOf(name)).kind.delete(name, kubeconfig, AbortSignal.timeout(120_000))
  await rm(folder, { recursive: true, force: true })
})

test('labels, zones, taints and the pod network are as asked for, and every node is ready', async () => {
  const { items } = JSON.parse(await kubectl('get', 'nodes', '-o', 'json'))
  const nodes = Object.fromEntries(items.map((item: { metadata: { name: string } }) => [item.metadata.name, item]))
  expect(Object.keys(nodes).sort()).toEqual([node, `${name}-worker`, `${name}-worker2`])
  expect(nodes[node].metadata.labels).toMatchObject({ 'ingress-ready': 'true' })
  expect(nodes[`${name}-worker`].metadata.labels).toMatchObject(spec.nodes[1]?.labels ?? {})
  expect(nodes[`${name}-worker2`].metadata.labels).toMatchObject({ 'topology.kubernetes.io/zone': 'zone-b' })
  // Kubernetes' own not-ready taint may outlive a node's becoming ready by a moment.
  const taints = (of: string) =>
    (nodes[of].spec.taints ?? []).filter(({ key }: { key: string }) => !key.startsWith('node.kubernetes.io/'))
  expect(taints(`${name}-worker2`)).toEqual([{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }])
  expect(taints(`${name}-worker`)).toEqual([])
  expect(nodes[`${name}-worker`].spec.podCIDR).toMatch(/^10\.250\./)
})

test('a node offers its pods what its size says, and a pod that is larger waits, with the reason in one line', async () => {
  const { status } = JSON.parse(await kubectl('get', 'node', `${name}-worker`, '-o', 'json'))
  expect([status.allocatable.cpu, bytesOf(status.allocatable.memory)]).toEqual(['1', 1024 ** 3])
  const refused = (pod: Pod) => conditionOf(pod, 'PodScheduled')?.status === 'False'
  const large = await runPod(
    node,
    { name: 'large', on: { disk: 'ssd' }, memory: '1100Mi', command: ['sleep', '600'] },
    refused,
  )
  const told = /^cannot be scheduled: 0\/3 nodes are available: 1 Insufficient memory, 2 node\(s\)[^,]*$/
  expect(explainPod({ pod: large, events: [] })).toMatch(told)
})

test('a pod that takes all the memory it can get is ended at the size of its node', async () => {
  await copyImage('busybox:1.37', `${name}-worker`)
  const greedy = { name: 'greedy', on: { disk: 'ssd' }, memory: '64Mi', command: ['tail', '/dev/zero'] }
  const ended = await runPod(node, greedy, ({ status }) => status?.phase === 'Failed')
  const { reason, containerStatuses: [main] = [] } = ended.status ?? {}
  expect(reason === 'Evicted' || main?.state?.terminated?.exitCode === 137, JSON.stringify(ended.status)).toBe(true)
  const limit = Number(await docker('inspect', '--format', '{{.HostConfig.Memory}}', `${name}-worker`))
  expect(limit).toBe(1.5 * 1024 ** 3)
  expect(await docker('inspect', '--format', '{{.State.OOMKilled}}', `${name}-worker`)).toBe('false')
})

test('a node port is on loopback, and on loopback only', async () => {
  const published = JSON.parse(await docker('inspect', '--format', '{{json .HostConfig.PortBindings}}', node))
  expect(published['30080/tcp']).toEqual([{ HostIp: '127.0.0.1', HostPort: '31967' }])
  expect(published['6443/tcp'][0].HostIp).toBe('127.0.0.1')
})

test('the kubeconfig is private and has one context', async () => {
  const text = await readFile(kubeconfig, 'utf8')
  expect(text.match(/current-context: (\S+)/)?.[1]).toBe(kind.contextName(name))
  expect(text.match(/^- context:/gm)).toHaveLength(1)
  expect([(await stat(kubeconfig)).mode & 0o777, (await stat(join(folder, 'private'))).mode & 0o777]).toEqual([
    0o600, 0o700,
  ])
})

test('nodes read registry hosts from certs.d', async () => {
  expect(await docker('exec', node, 'containerd', 'config', 'dump')).toContain(
    "config_path = '/etc/containerd/certs.d'",
  )
})

test('it is known as ours, and creating it again changes nothing', async () => {
  const before = await journal.find('cluster', name)
  expect(await kind.inspect(name, signal)).toMatchObject({ state: 'running', ownedBy: name })
  await kind.create(spec, kubeconfig, say, signal)
  expect(await journal.find('cluster', name)).toEqual(before)
  const { ports: _, ...rest } = spec
  await expect(kind.create({ ...rest, ports: [] }, kubeconfig, say, signal)).rejects.toMatchObject({
    code: 'CLUSTER_FAILED',
    details: ['it maps 31967:30080', expect.any(String)],
  })
})

test('another project is refused everything, and touches nothing', async () => {
  const other = (await providerOf('other')).kind
  const created = await docker('inspect', '--format', '{{.Created}}', node)
  expect(await other.inspect(name, signal)).toMatchObject({ ownedBy: name })
  const file = join(folder, 'other')
  for (const attempt of [
    () => other.delete(name, file, signal),
    () => other.create({ ...spec, project: 'other' }, file, say, signal),
    () => other.kubeconfig(name, file, signal),
    () => other.start(name, file, signal),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ code: 'CLUSTER_FOREIGN' })
  }
  expect(await docker('inspect', '--format', '{{.Created}}', node)).toBe(created)
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('after the state folder is lost, the cluster itself says whose it is', async () => {
  const again = await providerOf(name, 'lost.json')
  expect(await again.kind.inspect(name, signal)).toMatchObject({ ownedBy: name })
  await again.kind.create(spec, kubeconfig, say, signal)
  expect((await again.journal.find('cluster', name))?.facts.ids).toBe((await journal.find('cluster', name))?.facts.ids)
})

test('stopped nodes are started again and waited for', async () => {
  await docker('stop', '-t', '2', node, `${name}-worker2`)
  expect(await kind.inspect(name, signal)).toMatchObject({ state: 'stopped', ownedBy: name })
  await kind.start(name, kubeconfig, signal)
  expect(await kind.inspect(name, signal)).toMatchObject({ state: 'running' })
  const ready = await kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}')
  expect(ready).toBe('True True True')
  const room = await kubectl('get', 'node', `${name}-worker`, '-o', 'jsonpath={.status.allocatable.memory}')
  expect(bytesOf(room)).toBe(1024 ** 3)
})

test('deleted, and deleted again, nothing is left', async () => {
  await kind.delete(name, kubeconfig, signal)
  await kind.delete(name, kubeconfig, signal)
  expect(await leftovers(name)).toEqual([])
  expect(await journal.entries()).toEqual([])
  expect(await kind.inspect(name, signal)).toEqual({ state: 'absent' })
  await expect(stat(kubeconfig)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a port that is taken is told before anything is made', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(31967, '127.0.0.1', resolve))
  const failure = await kind.create(spec, kubeconfig, say, signal).catch((error) => error)
  server.close()
  expect(failure).toMatchObject({ code: 'PORT_TAKEN', message: expect.stringContaining(`(pid ${process.pid})`) })
  expect([await leftovers(name), await journal.entries()]).toEqual([[], []])
})

test('what a killed create left half made is removed and made anew', async () => {
  const one: ClusterSpec = { ...spec, nodes: spec.nodes.slice(0, 1), ports: [] }
  const runner = execaRunner(process.env)
  await journal.begin('cluster', name, { provider: 'kind' })
  const killed = runner.spawn(await findKind(), [
    'create',
    'cluster',
    '--name',
    name,
    '--image',
    spec.image,
    '--kubeconfig',
    join(folder, 'half'),
  ])
  for (;;) {
    if ((await leftovers(name)).length > 0) break
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  process.kill(killed.pid ?? 0, 'SIGKILL')
  await killed.done
  const half = await docker('inspect', '--format', '{{.Id}}', node)
  expect(await kind.inspect(name, signal)).toMatchObject({ ownedBy: name })
  await kind.create(one, kubeconfig, say, signal)
  expect(await docker('inspect', '--format', '{{.Id}}', node)).not.toBe(half)
  expect(await kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}')).toBe(node)
})
