import { PassThrough } from 'node:stream'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { probePolicies } from '../../src/commands/doctor/policy-probe.ts'
import type { KubeObject } from '../../src/kube/api.ts'
import { connectKube } from '../../src/kube/client.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { createTestCluster, type TestCluster } from './support/cluster.ts'
import { docker } from './support/engine.ts'
import { lineClient, reachProbe, reachServer } from './support/reach.ts'

interface End {
  readonly namespace: string
  readonly name: string
  readonly ip: string
}
type Allows = (from: End, to: End, port: string) => boolean

const image = 'kit/debian:bookworm'
const namespaces = ['x', 'y', 'z']
const ports = ['80/tcp', '81/tcp', '80/udp', '81/udp']
const all = new AbortController()
const { signal } = all
let cluster: TestCluster
let client: Awaited<ReturnType<typeof connectKube>>
let ends: End[] = []

// Three namespaces of three pods each, as the upstream tests have it: x on the control plane, y and z on the worker.
beforeAll(async () => {
  cluster = await createTestCluster('devk-e2e-policy', { workers: 1 })
  await cluster.load(image)
  client = await connectKube(cluster.kubeconfig, cluster.context)
  const spaces = namespaces.map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { name } },
  }))
  await cluster.apply(...spaces)
  await cluster.apply(...namespaces.flatMap((namespace) => ['a', 'b', 'c'].map((name) => server(namespace, name))))
  await cluster.apply(service('y', 'b'), service('y', 'c'))
  await waitUntil(
    async () => {
      const pods = await client.kube.list({ apiVersion: 'v1', kind: 'Pod' }, { labels: 'matrix=yes', signal })
      ends = pods.flatMap(({ metadata, status }) => {
        const { podIP, phase } = status as { podIP?: string; phase: string }
        return podIP && phase === 'Running'
          ? [{ namespace: metadata.namespace ?? '', name: metadata.name, ip: podIP }]
          : []
      })
      return ends.length === 9 ? undefined : `${ends.length} of 9 pods run`
    },
    { what: 'the matrix', timeoutMs: 180_000, signal },
  )
})
afterAll(async () => {
  all.abort()
  await cluster?.delete()
})
afterEach(async () => {
  await cluster.kubectl('delete', 'networkpolicy', '--all', '-n', 'x')
})

function server(namespace: string, name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { pod: name, matrix: 'yes' } },
    spec: {
      nodeName: `${cluster.name}-${namespace === 'x' ? 'control-plane' : 'worker'}`,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'main',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['perl', '-e', reachServer],
          ports: [{ name: 'web', containerPort: 80 }],
          readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 5 },
        },
      ],
    },
  }
}

function service(namespace: string, name: string): KubeObject {
  const spec = { selector: { pod: name }, ports: [{ port: 8080, targetPort: 80 }] }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec }
}

/** A policy of namespace x. */
const policy = (spec: object, name = 'p'): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'x' },
  spec: { podSelector: {}, ...spec },
})
const pod = (name: string) => ({ podSelector: { matchLabels: { pod: name } } })
const space = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } })
const end = (namespace: string, name: string): End => {
  const found = ends.find((each) => each.namespace === namespace && each.name === name)
  if (!found) throw new Error(`no pod ${namespace}/${name}`)
  return found
}

/** Runs a Perl program in a pod and gives its output. */
async function perl(
  { namespace, name }: End,
  program: string,
  args: string[],
  stdin?: PassThrough,
  stdout = new PassThrough(),
) {
  const stderr = new PassThrough()
  const code = await client.streams.exec({ namespace, name }, ['perl', '-e', program, ...args], {
    stdin,
    stdout,
    stderr,
    tty: false,
    signal,
  })
  if (code !== 0) throw new Error(`perl in ${namespace}/${name} exited with ${code}: ${String(stderr.read() ?? '')}`)
  return String(stdout.read() ?? '')
}

const reached = async (from: End, targets: string[]): Promise<string[]> =>
  (await perl(from, reachProbe, ['2', ...targets])).split('\n').filter((line) => line !== '')

/** Waits until each pod reaches just what it may of all pods, ports and protocols: 324 probes. */
async function expectMatrix(allows: Allows): Promise<void> {
  const wrong = async (): Promise<string | undefined> => {
    const rows = await Promise.all(
      ends.map(async (from) => {
        const targets = ends.flatMap((to) => ports.map((port) => ({ to, port, target: `${to.ip}:${port}` })))
        const open = new Set(
          await reached(
            from,
            targets.map(({ target }) => target),
          ),
        )
        return targets.flatMap(({ to, port, target }) => {
          const expected = (from.namespace === to.namespace && from.name === to.name) || allows(from, to, port)
          const path = `${from.namespace}/${from.name} → ${to.namespace}/${to.name} ${port}`
          return open.has(target) === expected ? [] : [`${path} is ${expected ? 'denied' : 'open'}`]
        })
      }),
    )
    const list = rows.flat()
    return list.length === 0 ? undefined : `${list.length} wrong: ${list.slice(0, 5).join('; ')}`
  }
  await waitUntil(wrong, { what: 'the matrix', timeoutMs: 60_000, signal })
}

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
    () => [policy({ ingress: [{ from: [pod('b'), { ...space('z'), ...pod('c') }] }] })],
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
        egress: [{ to: [{ namespaceSelector: {}, ...pod('c') }], ports: [{ protocol: 'UDP', port: 81, endPort: 90 }] }],
      }),
    ],
    (from, to, port) => !x(from) || (to.name === 'c' && port === '81/udp'),
  ],
  [
    'two policies for one pod add up',
    () => [
      policy({ ...pod('a'), ingress: [{ from: [space('y')] }] }),
      policy({ ...pod('a'), ingress: [{ from: [space('z')], ports: [{ port: 81 }] }] }, 'q'),
    ],
    (from, to, port) => to !== end('x', 'a') || from.namespace === 'y' || (from.namespace === 'z' && port === '81/tcp'),
  ],
]

test.each(cases)('%s', async (_name, policies, allows) => {
  if (policies().length > 0) await cluster.apply(...policies())
  await expectMatrix(allows)
})

test('out to the DNS only: names are found, what they mean is not reached', async () => {
  const dnsPorts = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }))
  const dns = { to: [space('kube-system')], ports: dnsPorts }
  await cluster.apply(policy({ policyTypes: ['Egress'], egress: [dns] }))
  await expectMatrix((from) => !x(from))
  const lookUp = 'use Socket; print inet_ntoa(scalar gethostbyname($ARGV[0]))'
  const address = (await cluster.kubectl('get', 'service', 'b', '-n', 'y', '-o', 'jsonpath={.spec.clusterIP}')).trim()
  expect(await perl(end('x', 'a'), lookUp, ['b.y.svc.cluster.local'])).toBe(address)
  expect(await reached(end('x', 'a'), [`${address}:8080/tcp`])).toEqual([])
  expect(await reached(end('y', 'a'), [`${address}:8080/tcp`])).toEqual([`${address}:8080/tcp`])
})

test('a connection to a Service is judged by the pod behind it', async () => {
  const address = async (name: string) =>
    (await cluster.kubectl('get', 'service', name, '-n', 'y', '-o', 'jsonpath={.spec.clusterIP}')).trim()
  const [b, c] = [`${await address('b')}:8080/tcp`, `${await address('c')}:8080/tcp`]
  expect((await reached(end('x', 'a'), [b, c])).sort()).toEqual([b, c].sort())
  await cluster.apply(policy({ policyTypes: ['Egress'], egress: [{ to: [{ ...space('y'), ...pod('b') }] }] }))
  const check = async () => ((await reached(end('x', 'a'), [c])).length === 0 ? undefined : 'c is open')
  await waitUntil(check, { what: 'the denial', timeoutMs: 30_000, signal })
  expect(await reached(end('x', 'a'), [b, c])).toEqual([b])
})

test('a connection goes on when a policy comes, its node reaches an isolated pod, and new labels count', async () => {
  const [from, to] = [end('y', 'a'), end('x', 'a')]
  const target = `${to.ip}:80/tcp`
  const [input, output] = [new PassThrough(), new PassThrough()]
  const talk = perl(from, lineClient, [to.ip, '80'], input, output)
  const lines = output[Symbol.asyncIterator]()
  expect(String((await lines.next()).value)).toBe('connected\n')
  await cluster.apply(
    policy({ ingress: [{ from: [{ ...space('y'), podSelector: { matchLabels: { friend: 'yes' } } }] }] }),
  )
  const closed = async () => ((await reached(from, [target])).length === 0 ? undefined : 'still open')
  await waitUntil(closed, { what: 'the denial', timeoutMs: 30_000, signal })
  input.write('still here\n')
  expect(String((await lines.next()).value)).toBe('still here\n')
  input.end()
  await talk

  await docker('exec', cluster.node, 'timeout', '5', 'bash', '-c', `: > /dev/tcp/${to.ip}/80`)
  const pods = await client.kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: 'x', signal })
  const isReady = ({ status }: KubeObject) =>
    (status as { conditions: { type: string; status: string }[] }).conditions.some(
      (condition) => condition.type === 'Ready' && condition.status === 'True',
    )
  expect(pods.filter(isReady)).toHaveLength(3)

  await cluster.kubectl('label', 'pod', 'a', '-n', 'y', 'friend=yes')
  const open = async () => ((await reached(from, [target])).length === 1 ? undefined : 'still closed')
  await waitUntil(open, { what: 'the permission', timeoutMs: 30_000, signal })
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
  await expect(cluster.apply(server('strict', 'root'))).rejects.toThrow('violates PodSecurity "restricted:latest"')
  const container = {
    name: 'main',
    image,
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
