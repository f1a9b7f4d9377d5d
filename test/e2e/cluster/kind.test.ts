/**
 * The provider of kind clusters with the real kind: two nodes with sizes, zones, ports and other addresses after a start.
 * @module-tag long
 */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClusterProvider, ClusterSpec } from '../../../src/cluster/provider.ts'
import { explainPod } from '../../../src/kube/explain.ts'
import { conditionOf, type Pod } from '../../../src/kube/pod.ts'
import { bytesOf } from '../../../src/lib/quantity.ts'
import type { Journal } from '../../../src/state/journal.ts'
import { docker } from '../../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { getText } from '../support/http.ts'
import { realKind } from '../support/kind-provider.ts'
import { kubectlIn } from '../support/kubectl.ts'
import { leftovers } from '../support/leftovers.ts'
import { runPod } from '../support/pods/pods.ts'
import { copyImage, nodeImage } from '../support/test-cluster.ts'

const name = 'devk-e2e-cluster'
const node = `${name}-control-plane`
const signal = AbortSignal.timeout(900_000)
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
  image: nodeImage,
  podSubnet: '10.250.0.0/16',
  serviceSubnet: undefined,
  kubeadmPatches: [],
}

let folder: string
let journal: Journal
let kind: ClusterProvider
let kubeconfig: string

const kubectl = kubectlIn(node)
const say = () => {}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-e2e-cluster-'))
  kubeconfig = join(folder, 'private', 'kubeconfig')
  ;({ journal, kind } = await realKind(name, folder))
  for (const container of (await docker('ps', '-aq', '--filter', `label=io.x-k8s.kind.cluster=${name}`)).split('\n')) {
    if (container !== '') await docker('rm', '-f', '-v', container)
  }
  await kind.create(spec, kubeconfig, say, signal)
}, 600_000)

afterAll(async () => {
  await (await realKind(name, folder)).kind.delete(name, kubeconfig, AbortSignal.timeout(120_000))
  await rm(folder, { recursive: true, force: true })
})

test('nodes get the labels, zones, taints and pod network of the spec, and are ready', async () => {
  const { items } = JSON.parse(await kubectl('get', 'nodes', '-o', 'json'))
  const nodes = Object.fromEntries(items.map((item: { metadata: { name: string } }) => [item.metadata.name, item]))
  expect(Object.keys(nodes).sort()).toEqual([node, `${name}-worker`, `${name}-worker2`])
  expect(nodes[node].metadata.labels).toMatchObject({ 'ingress-ready': 'true' })
  expect(nodes[`${name}-worker`].metadata.labels).toMatchObject(spec.nodes[1]?.labels ?? {})
  expect(nodes[`${name}-worker2`].metadata.labels).toMatchObject({ 'topology.kubernetes.io/zone': 'zone-b' })
  // The not-ready taint of Kubernetes may stay for a moment after a node became ready.
  const taints = (of: string) =>
    (nodes[of].spec.taints ?? []).filter(({ key }: { key: string }) => !key.startsWith('node.kubernetes.io/'))
  expect(taints(`${name}-worker2`)).toEqual([{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }])
  expect(taints(`${name}-worker`)).toEqual([])
  expect(nodes[`${name}-worker`].spec.podCIDR).toMatch(/^10\.250\./)
})

test('a node offers the CPU and memory of its size, and a larger pod stays pending with the reason in one line', async () => {
  const { status } = JSON.parse(await kubectl('get', 'node', `${name}-worker`, '-o', 'json'))
  expect([status.allocatable.cpu, bytesOf(status.allocatable.memory)]).toEqual(['1', 1024 ** 3])
  const refused = (pod: Pod) => conditionOf(pod, 'PodScheduled')?.status === 'False'
  const large = await runPod(
    node,
    { name: 'large', nodeLabels: { disk: 'ssd' }, memory: '1100Mi', command: ['sleep', '600'] },
    refused,
  )
  const reason = /^cannot be scheduled: 0\/3 nodes are available: 1 Insufficient memory, 2 node\(s\)[^,]*$/
  expect(explainPod({ pod: large, events: [] })).toMatch(reason)
})

test('a pod that allocates more memory than the size of its node is ended, and the node container is not', async () => {
  await copyImage('busybox:1.37', `${name}-worker`)
  const greedy = { name: 'greedy', nodeLabels: { disk: 'ssd' }, memory: '64Mi', command: ['tail', '/dev/zero'] }
  const ended = await runPod(node, greedy, ({ status }) => status?.phase === 'Failed')
  const { reason, containerStatuses: [main] = [] } = ended.status ?? {}
  expect(reason === 'Evicted' || main?.state?.terminated?.exitCode === 137, JSON.stringify(ended.status)).toBe(true)
  const limit = Number(await docker('inspect', '--format', '{{.HostConfig.Memory}}', `${name}-worker`))
  expect(limit).toBe(1.5 * 1024 ** 3)
  expect(await docker('inspect', '--format', '{{.State.OOMKilled}}', `${name}-worker`)).toBe('false')
})

test('the ports of a node are published on loopback only', async () => {
  const published = JSON.parse(await docker('inspect', '--format', '{{json .HostConfig.PortBindings}}', node))
  expect(published['30080/tcp']).toEqual([{ HostIp: '127.0.0.1', HostPort: '31967' }])
  expect(published['6443/tcp'][0].HostIp).toBe('127.0.0.1')
})

test('only the user may read the kubeconfig, and it has one context', async () => {
  const text = await readFile(kubeconfig, 'utf8')
  expect(text.match(/current-context: (\S+)/)?.[1]).toBe(kind.contextName(name))
  expect(text.match(/^- context:/gm)).toHaveLength(1)
  expect([(await stat(kubeconfig)).mode & 0o777, (await stat(join(folder, 'private'))).mode & 0o777]).toEqual([
    0o600, 0o700,
  ])
})

test('nodes read the configuration of registries from certs.d', async () => {
  expect(await docker('exec', node, 'containerd', 'config', 'dump')).toContain(
    "config_path = '/etc/containerd/certs.d'",
  )
})

test('the cluster belongs to the project, and a second create changes nothing', async () => {
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

test('another project is refused to create, start, delete or read the cluster', async () => {
  const other = (await realKind('other', folder)).kind
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

test('a cluster whose record is lost is still known to belong to the project', async () => {
  const again = await realKind(name, folder, 'lost.json')
  expect(await again.kind.inspect(name, signal)).toMatchObject({ ownedBy: name })
  await again.kind.create(spec, kubeconfig, say, signal)
  expect((await again.journal.find('cluster', name))?.facts.ids).toBe((await journal.find('cluster', name))?.facts.ids)
})

test('start starts stopped nodes that get other addresses, and the cluster works as before', async () => {
  const before = await addressOf(node)
  await docker('stop', '-t', '2', node, `${name}-worker`, `${name}-worker2`)
  const others = await occupy(before)
  try {
    expect(await kind.inspect(name, signal)).toMatchObject({ state: 'stopped', ownedBy: name })
    await kind.start(name, kubeconfig, signal)
    expect(await addressOf(node)).not.toBe(before)
  } finally {
    await docker('rm', '--force', ...others)
  }
  expect(await kind.inspect(name, signal)).toMatchObject({ state: 'running' })
  const ready = await kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}')
  expect(ready).toBe('True True True')
  const room = await kubectl('get', 'node', `${name}-worker`, '-o', 'jsonpath={.status.allocatable.memory}')
  expect(bytesOf(room)).toBe(1024 ** 3)
  // A new pod on another node than that with the mapped port, so that its network is proved too.
  const command = ['sh', '-c', 'hostname >/tmp/index.html; exec httpd -f -p 80 -h /tmp']
  const fresh = { name: 'fresh', nodeLabels: { disk: 'ssd' }, memory: '32Mi', command }
  await runPod(node, fresh, (pod) => conditionOf(pod, 'Ready')?.status === 'True')
  await kubectl('label', 'pod', 'fresh', 'app=fresh')
  await kubectl('create', 'service', 'nodeport', 'fresh', '--tcp=80', '--node-port=30080')
  expect(await eventually('the mapped port', 60, () => getText('http://localhost:31967/'))).toBe('fresh\n')
})

const addressOf = (of: string) => docker('inspect', '--format', '{{.NetworkSettings.Networks.kind.IPAddress}}', of)

/** Starts containers in the network of the nodes until one has this address; gives them. */
async function occupy(address: string): Promise<string[]> {
  const others: string[] = []
  for (let last = ''; last !== address && others.length < 5; ) {
    const other = await docker('run', '-d', '--network', 'kind', '--entrypoint', 'sleep', nodeImage, 'infinity')
    others.push(other)
    last = await addressOf(other)
  }
  return others
}

test('a second delete succeeds, and nothing is left', async () => {
  await kind.delete(name, kubeconfig, signal)
  await kind.delete(name, kubeconfig, signal)
  expect(await leftovers(name)).toEqual([])
  expect(await journal.entries()).toEqual([])
  expect(await kind.inspect(name, signal)).toEqual({ state: 'absent' })
  await expect(stat(kubeconfig)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('create reports a port in use before it creates anything', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(31967, '127.0.0.1', resolve))
  const failure = await kind.create(spec, kubeconfig, say, signal).catch((error) => error)
  server.close()
  expect(failure).toMatchObject({ code: 'PORT_TAKEN', message: expect.stringContaining(`(pid ${process.pid})`) })
  expect([await leftovers(name), await journal.entries()]).toEqual([[], []])
})
