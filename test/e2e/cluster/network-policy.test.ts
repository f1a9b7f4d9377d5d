/**
 * The network policies of the kit's node image, compared with what Kubernetes specifies. In the long runs: only the kit can break them.
 * @module-tag long
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { probePolicies } from '../../../src/commands/doctor/policy-probe.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { connectKube } from '../../../src/kube/client/client.ts'
import { waitUntil } from '../../../src/lib/wait.ts'
import { docker } from '../../support/docker.ts'
import { debian } from '../support/pods/pods.ts'
import { namespaceNamed, networkPolicy, podsNamed } from '../support/policies/network-policies.ts'
import { connectFromPod } from '../support/policies/pod-connection.ts'
import {
  type Allows,
  createPolicyMatrix,
  type MatrixPod,
  matrixPod,
  type PolicyMatrix,
} from '../support/policies/policy-matrix.ts'
import { createTestCluster, type TestCluster } from '../support/test-cluster.ts'

const all = new AbortController()
const { signal } = all
let cluster: TestCluster
let client: Awaited<ReturnType<typeof connectKube>>
let matrix: PolicyMatrix

beforeAll(async () => {
  cluster = await createTestCluster('devk-e2e-policy', { workers: 1 })
  await cluster.loadImage(debian)
  client = await connectKube(cluster.kubeconfig, cluster.context)
  matrix = await createPolicyMatrix(cluster, client, signal)
})
afterAll(async () => {
  all.abort()
  await cluster?.delete()
})
afterEach(async () => {
  await cluster.kubectl('delete', 'networkpolicy', '--all', '-n', 'x')
})

const pod = (namespace: string, name: string) => matrix.pod(namespace, name)
const clusterIp = async (service: string) =>
  (await cluster.kubectl('get', 'service', service, '-n', 'y', '-o', 'jsonpath={.spec.clusterIP}')).trim()
const inX = ({ namespace }: MatrixPod) => namespace === 'x'

/** Policies of namespace x, by what they should do, and which connections remain allowed. */
const cases: readonly [string, () => object[], Allows][] = [
  ['without policies every pod reaches every port', () => [], () => true],
  [
    'a policy without rules denies all traffic',
    () => [networkPolicy({ policyTypes: ['Ingress', 'Egress'] })],
    (from, to) => !inX(from) && !inX(to),
  ],
  [
    'a policy allows traffic from one namespace',
    () => [networkPolicy({ ingress: [{ from: [namespaceNamed('y')] }] })],
    (from, to) => !inX(to) || from.namespace === 'y',
  ],
  [
    'a policy allows traffic from labelled pods of its own and of another namespace',
    () => [networkPolicy({ ingress: [{ from: [podsNamed('b'), { ...namespaceNamed('z'), ...podsNamed('c') }] }] })],
    (from, to) => !inX(to) || (inX(from) && from.name === 'b') || (from.namespace === 'z' && from.name === 'c'),
  ],
  [
    'a policy allows traffic from a block of addresses except one',
    () => [
      networkPolicy({
        ingress: [{ from: [{ ipBlock: { cidr: '10.244.0.0/16', except: [`${pod('y', 'a').ip}/32`] } }] }],
      }),
    ],
    (from, to) => !inX(to) || from !== pod('y', 'a'),
  ],
  [
    'a policy allows traffic to a named port',
    () => [networkPolicy({ ingress: [{ ports: [{ port: 'web' }] }] })],
    (_, to, port) => !inX(to) || port === '80/tcp',
  ],
  [
    'a policy allows traffic to a range of ports of labelled pods in all namespaces',
    () => [
      networkPolicy({
        policyTypes: ['Egress'],
        egress: [
          { to: [{ namespaceSelector: {}, ...podsNamed('c') }], ports: [{ protocol: 'UDP', port: 81, endPort: 90 }] },
        ],
      }),
    ],
    (from, to, port) => !inX(from) || (to.name === 'c' && port === '81/udp'),
  ],
  [
    'two policies of one pod allow what either of them allows',
    () => [
      networkPolicy({ ...podsNamed('a'), ingress: [{ from: [namespaceNamed('y')] }] }),
      networkPolicy({ ...podsNamed('a'), ingress: [{ from: [namespaceNamed('z')], ports: [{ port: 81 }] }] }, 'q'),
    ],
    (from, to, port) => to !== pod('x', 'a') || from.namespace === 'y' || (from.namespace === 'z' && port === '81/tcp'),
  ],
]

test.each(cases)('%s', async (_name, policies, allows) => {
  if (policies().length > 0) await cluster.apply(...policies())
  await matrix.waitForExactly(allows)
})

test('a policy that allows only DNS lets a pod resolve a Service but not reach it', async () => {
  const dnsPorts = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }))
  const dns = { to: [namespaceNamed('kube-system')], ports: dnsPorts }
  await cluster.apply(networkPolicy({ policyTypes: ['Egress'], egress: [dns] }))
  await matrix.waitForExactly((from) => !inX(from))
  const lookUp = 'use Socket; print inet_ntoa(scalar gethostbyname($ARGV[0]))'
  const address = await clusterIp('b')
  expect(await matrix.perl(pod('x', 'a'), lookUp, ['b.y.svc.cluster.local'])).toBe(address)
  expect(await matrix.reached(pod('x', 'a'), [`${address}:8080/tcp`])).toEqual([])
  expect(await matrix.reached(pod('y', 'a'), [`${address}:8080/tcp`])).toEqual([`${address}:8080/tcp`])
})

test('a policy decides on a connection to a Service by the pod that it leads to', async () => {
  const [b, c] = [`${await clusterIp('b')}:8080/tcp`, `${await clusterIp('c')}:8080/tcp`]
  expect((await matrix.reached(pod('x', 'a'), [b, c])).sort()).toEqual([b, c].sort())
  await cluster.apply(
    networkPolicy({ policyTypes: ['Egress'], egress: [{ to: [{ ...namespaceNamed('y'), ...podsNamed('b') }] }] }),
  )
  await matrix.waitFor('closed', pod('x', 'a'), c)
  expect(await matrix.reached(pod('x', 'a'), [b, c])).toEqual([b])
})

test('an open connection survives a policy, the node still reaches the pod, and a changed label takes effect', async () => {
  const [from, to] = [pod('y', 'a'), pod('x', 'a')]
  const target = `${to.ip}:80/tcp`
  const connection = await connectFromPod(client.streams, from, to.ip, signal)
  await cluster.apply(
    networkPolicy({
      ingress: [{ from: [{ ...namespaceNamed('y'), podSelector: { matchLabels: { friend: 'yes' } } }] }],
    }),
  )
  await matrix.waitFor('closed', from, target)
  expect(await connection.send('still here\n')).toBe('still here\n')
  await connection.close()

  await docker('exec', cluster.node, 'timeout', '5', 'bash', '-c', `: > /dev/tcp/${to.ip}/80`)
  const pods = await client.kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: 'x', signal })
  const isReady = ({ status }: KubeObject) =>
    (status as { conditions: { type: string; status: string }[] }).conditions.some(
      (condition) => condition.type === 'Ready' && condition.status === 'True',
    )
  expect(pods.filter(isReady)).toHaveLength(3)

  await cluster.kubectl('label', 'pod', 'a', '-n', 'y', 'friend=yes')
  await matrix.waitFor('open', from, target)
  await cluster.kubectl('label', 'pod', 'a', '-n', 'y', 'friend-')
})

test('a resource quota refuses one object too many', async () => {
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

test('a disruption budget keeps a drain from evicting the last pod', async () => {
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
  // The pod of that name in z has no budget, so the drain evicted it.
  await expect(cluster.kubectl('get', 'pod', 'a', '-n', 'z')).rejects.toThrow('not found')
  await cluster.kubectl('delete', 'pdb', 'budget', '-n', 'y')
  await cluster.kubectl(...drain, '--timeout=60s')
  await expect(cluster.kubectl('get', 'pod', 'a', '-n', 'y')).rejects.toThrow('not found')
  await cluster.kubectl('uncordon', `${cluster.name}-worker`)
})

test('restricted pod security refuses a pod that may run as root, and accepts one that may not', async () => {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'strict', labels } })
  await expect(cluster.apply(matrixPod(cluster, 'strict', 'root'))).rejects.toThrow(
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

test('devk doctor tells whether the network enforces or ignores policies, and leaves nothing behind', async () => {
  expect(await probePolicies(client, signal)).toEqual({ state: 'enforced' })
  await cluster.kubectl('delete', 'daemonset', 'kit-cni', '-n', 'kube-system')
  await cluster.kubectl('wait', '--for=delete', 'pod', '-l', 'app=kit-cni', '-n', 'kube-system', '--timeout=60s')
  for (const node of ['control-plane', 'worker']) {
    await docker('exec', `${cluster.name}-${node}`, 'nft', 'delete', 'table', 'ip', 'devk-kit')
  }
  expect(await probePolicies(client, signal)).toEqual({ state: 'ignored' })
  await expect(cluster.kubectl('get', 'namespace', 'devk-doctor')).rejects.toThrow('not found')
})
