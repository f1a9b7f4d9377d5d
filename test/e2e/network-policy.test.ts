import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { probePolicies } from '../../src/commands/doctor/policy-probe.ts'
import type { KubeObject } from '../../src/kube/api.ts'
import { connectKube } from '../../src/kube/client/client.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { createTestCluster, type TestCluster } from './support/cluster.ts'
import { docker } from './support/engine.ts'
import { openLine } from './support/line.ts'
import { debian } from './support/pods.ts'
import { podNamed, policy, space } from './support/policies.ts'
import { type Allows, type End, type Matrix, policyMatrix, server } from './support/policy-matrix.ts'

const all = new AbortController()
const { signal } = all
let cluster: TestCluster
let client: Awaited<ReturnType<typeof connectKube>>
let matrix: Matrix

beforeAll(async () => {
  cluster = await createTestCluster('devk-e2e-policy', { workers: 1 })
  await cluster.load(debian)
  client = await connectKube(cluster.kubeconfig, cluster.context)
  matrix = await policyMatrix(cluster, client, signal)
})
afterAll(async () => {
  all.abort()
  await cluster?.delete()
})
afterEach(async () => {
  await cluster.kubectl('delete', 'networkpolicy', '--all', '-n', 'x')
})

const end = (namespace: string, name: string) => matrix.end(namespace, name)
const clusterIp = async (service: string) =>
  (await cluster.kubectl('get', 'service', service, '-n', 'y', '-o', 'jsonpath={.spec.clusterIP}')).trim()
const x = ({ namespace }: End) => namespace === 'x'

const cases: readonly [string, () => object[], Allows][] = [
  ['without policies everything is open', () => [], () => true],
  ['deny all', () => [policy({ policyTypes: ['Ingress', 'Egress'] })], (from, to) => !x(from) && !x(to)],
  [
    'from one namespace',
    () => [policy({ ingress: [{ from: [space('y')] }] })],
    (from, to) => !x(to) || from.namespace === 'y',
  ],
  [
    'from pods of a label, and from pods of a label in another namespace',
    () => [policy({ ingress: [{ from: [podNamed('b'), { ...space('z'), ...podNamed('c') }] }] })],
    (from, to) => !x(to) || (x(from) && from.name === 'b') || (from.namespace === 'z' && from.name === 'c'),
  ],
  [
    'from a block of addresses but for one',
    () => [
      policy({ ingress: [{ from: [{ ipBlock: { cidr: '10.244.0.0/16', except: [`${end('y', 'a').ip}/32`] } }] }] }),
    ],
    (from, to) => !x(to) || from !== end('y', 'a'),
  ],
  [
    'a named port',
    () => [policy({ ingress: [{ ports: [{ port: 'web' }] }] })],
    (_, to, port) => !x(to) || port === '80/tcp',
  ],
  [
    'a range of ports of a protocol, out to pods of one name anywhere',
    () => [
      policy({
        policyTypes: ['Egress'],
        egress: [
          { to: [{ namespaceSelector: {}, ...podNamed('c') }], ports: [{ protocol: 'UDP', port: 81, endPort: 90 }] },
        ],
      }),
    ],
    (from, to, port) => !x(from) || (to.name === 'c' && port === '81/udp'),
  ],
  [
    'two policies for one pod add up',
    () => [
      policy({ ...podNamed('a'), ingress: [{ from: [space('y')] }] }),
      policy({ ...podNamed('a'), ingress: [{ from: [space('z')], ports: [{ port: 81 }] }] }, 'q'),
    ],
    (from, to, port) => to !== end('x', 'a') || from.namespace === 'y' || (from.namespace === 'z' && port === '81/tcp'),
  ],
]

test.each(cases)('%s', async (_name, policies, allows) => {
  if (policies().length > 0) await cluster.apply(...policies())
  await matrix.is(allows)
})

test('out to the DNS only: names are found, what they mean is not reached', async () => {
  const dnsPorts = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }))
  const dns = { to: [space('kube-system')], ports: dnsPorts }
  await cluster.apply(policy({ policyTypes: ['Egress'], egress: [dns] }))
  await matrix.is((from) => !x(from))
  const lookUp = 'use Socket; print inet_ntoa(scalar gethostbyname($ARGV[0]))'
  const address = await clusterIp('b')
  expect(await matrix.perl(end('x', 'a'), lookUp, ['b.y.svc.cluster.local'])).toBe(address)
  expect(await matrix.reached(end('x', 'a'), [`${address}:8080/tcp`])).toEqual([])
  expect(await matrix.reached(end('y', 'a'), [`${address}:8080/tcp`])).toEqual([`${address}:8080/tcp`])
})

test('a connection to a Service is judged by the pod behind it', async () => {
  const [b, c] = [`${await clusterIp('b')}:8080/tcp`, `${await clusterIp('c')}:8080/tcp`]
  expect((await matrix.reached(end('x', 'a'), [b, c])).sort()).toEqual([b, c].sort())
  await cluster.apply(policy({ policyTypes: ['Egress'], egress: [{ to: [{ ...space('y'), ...podNamed('b') }] }] }))
  await matrix.becomes('closed', end('x', 'a'), c)
  expect(await matrix.reached(end('x', 'a'), [b, c])).toEqual([b])
})

test('a connection goes on when a policy comes, its node reaches an isolated pod, and new labels count', async () => {
  const [from, to] = [end('y', 'a'), end('x', 'a')]
  const target = `${to.ip}:80/tcp`
  const line = await openLine(client.streams, from, to.ip, signal)
  await cluster.apply(
    policy({ ingress: [{ from: [{ ...space('y'), podSelector: { matchLabels: { friend: 'yes' } } }] }] }),
  )
  await matrix.becomes('closed', from, target)
  expect(await line.ask('still here\n')).toBe('still here\n')
  await line.end()

  await docker('exec', cluster.node, 'timeout', '5', 'bash', '-c', `: > /dev/tcp/${to.ip}/80`)
  const pods = await client.kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: 'x', signal })
  const isReady = ({ status }: KubeObject) =>
    (status as { conditions: { type: string; status: string }[] }).conditions.some(
      (condition) => condition.type === 'Ready' && condition.status === 'True',
    )
  expect(pods.filter(isReady)).toHaveLength(3)

  await cluster.kubectl('label', 'pod', 'a', '-n', 'y', 'friend=yes')
  await matrix.becomes('open', from, target)
  await cluster.kubectl('label', 'pod', 'a', '-n', 'y', 'friend-')
})

test('a quota refuses one object too many', async () => {
  const hard = { 'count/configmaps': '1' }
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'z' },
    spec: { hard },
  })
  const used = async () => {
    const quota = await client.kube.get({ apiVersion: 'v1', kind: 'ResourceQuota', namespace: 'z', name: 'q' }, signal)
    return (quota?.status as { used?: object } | undefined)?.used ? undefined : 'not counted yet'
  }
  await waitUntil(used, { what: 'the quota', timeoutMs: 60_000, signal })
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'second', namespace: 'z' } }
  // The first is kube-root-ca.crt, which every namespace has.
  await expect(cluster.apply(map)).rejects.toThrow('exceeded quota: q, requested: count/configmaps=1')
})

test('a disruption budget keeps a drain from taking the last pod', async () => {
  const drain = ['drain', `${cluster.name}-worker`, '--force', '--ignore-daemonsets', '--pod-selector=pod=a,matrix=yes']
  const metadata = { name: 'budget', namespace: 'y' }
  const spec = { minAvailable: 1, selector: { matchLabels: { pod: 'a' } } }
  await cluster.apply({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec })
  const counted = async () => {
    const budget = await client.kube.get({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', ...metadata }, signal)
    const { currentHealthy = 0 } = (budget?.status ?? {}) as { currentHealthy?: number }
    return currentHealthy === 1 ? undefined : `${currentHealthy} healthy`
  }
  await waitUntil(counted, { what: 'the budget', timeoutMs: 60_000, signal })
  await expect(cluster.kubectl(...drain, '--timeout=8s')).rejects.toThrow(/y\/a|"a" -n "y"|disruption budget/)
  expect(await cluster.kubectl('get', 'pod', 'a', '-n', 'y', '-o', 'jsonpath={.status.phase}')).toBe('Running')
  // The pod of that name in z has no budget, and is gone.
  await expect(cluster.kubectl('get', 'pod', 'a', '-n', 'z')).rejects.toThrow('not found')
  await cluster.kubectl('delete', 'pdb', 'budget', '-n', 'y')
  await cluster.kubectl(...drain, '--timeout=60s')
  await expect(cluster.kubectl('get', 'pod', 'a', '-n', 'y')).rejects.toThrow('not found')
  await cluster.kubectl('uncordon', `${cluster.name}-worker`)
})

test('restricted pod security refuses a pod that may become root, and takes one that may not', async () => {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'strict', labels } })
  await expect(cluster.apply(server(cluster, 'strict', 'root'))).rejects.toThrow(
    'violates PodSecurity "restricted:latest"',
  )
  const container = {
    name: 'main',
    image: debian,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  }
  const securityContext = { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } }
  const metadata = { name: 'modest', namespace: 'strict' }
  await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { securityContext, containers: [container] } })
  await cluster.kubectl('delete', 'namespace', 'strict', '--wait=false')
})

test('devk doctor sees policies enforced, and sees when the network ignores them; it leaves nothing behind', async () => {
  expect(await probePolicies(client, signal)).toEqual({ state: 'enforced' })
  await cluster.kubectl('delete', 'daemonset', 'kit-cni', '-n', 'kube-system')
  await cluster.kubectl('wait', '--for=delete', 'pod', '-l', 'app=kit-cni', '-n', 'kube-system', '--timeout=60s')
  for (const node of ['control-plane', 'worker']) {
    await docker('exec', `${cluster.name}-${node}`, 'nft', 'delete', 'table', 'ip', 'devk-kit')
  }
  expect(await probePolicies(client, signal)).toEqual({ state: 'ignored' })
  await expect(cluster.kubectl('get', 'namespace', 'devk-doctor')).rejects.toThrow('not found')
})
