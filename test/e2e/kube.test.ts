/** The Kubernetes client, pod streams, logs and port forwards. */
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ForwardTarget } from '../../src/forward/connect.ts'
import type { KubeObject, ObjectRef, WatchEvent } from '../../src/kube/api.ts'
import { connectKube, statusOf } from '../../src/kube/client/client.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { followLogs } from '../../src/logs/follow.ts'
import { readLogs } from '../../src/logs/read.ts'
import { breakingLogs, counterPod } from './support/pods/counter-pod.ts'
import { forwardEcho, forwardTarget } from './support/pods/echo-forwards.ts'
import { echoServer, exchange, firstBytes } from './support/pods/echo-server.ts'
import { execInPod } from './support/pods/exec-in-pod.ts'
import { debian, deletePod, podOf, startPod } from './support/pods/pods.ts'
import { createTestCluster, type TestCluster } from './support/test-cluster.ts'

let cluster: TestCluster
let client: Awaited<ReturnType<typeof connectKube>>
const all = new AbortController()
const { signal } = all

beforeAll(async () => {
  cluster = await createTestCluster('devk-e2e-kube')
  await cluster.loadImage(debian)
  client = await connectKube(cluster.kubeconfig, cluster.context)
})
afterAll(async () => {
  all.abort()
  await cluster?.delete()
})

const pod = (name: string, command: string[], spec: object = {}): KubeObject =>
  podOf({ name, labels: { app: name }, container: { command }, spec })
const startRunning = (wanted: KubeObject) => startPod(client.kube, wanted, signal)
const remove = (name: string) => deletePod(client.kube, name, signal)
const startEcho = async (name: string) =>
  forwardTarget(await startRunning(pod(name, ['perl', '-e', echoServer])), cluster.node)
const ref = (kind: string, name: string): ObjectRef => ({ apiVersion: 'v1', kind, namespace: 'default', name })
const configMap = (data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'default' },
  data,
})

test('apply creates and changes objects, and overwrites the field of another manager only with force', async () => {
  const created = await client.kube.apply(configMap({ a: '1' }), { force: false, signal })
  expect(created.metadata.uid).toBeTruthy()
  const merge = ['patch', 'configmap', 'settings', '-p', '{"data":{"a":"2"}}', '--field-manager=someone']
  await cluster.kubectl(...merge)
  const conflict = client.kube.apply(configMap({ a: '1' }), { force: false, signal })
  await expect(conflict).rejects.toThrow('ConfigMap default/settings: a field is managed by "someone"')
  await expect(conflict.catch(statusOf)).resolves.toBe(409)
  const taken = await client.kube.apply(configMap({ a: '3' }), { force: true, signal })
  expect(taken.data).toEqual({ a: '3' })
})

test('apply with dryRun changes nothing', async () => {
  await client.kube.apply(configMap({ a: '9' }), { force: true, dryRun: true, signal })
  const found = await client.kube.get(ref('ConfigMap', 'settings'), signal)
  expect(found?.data).toEqual({ a: '3' })
})

test('apply of an unknown field fails and names the field', async () => {
  const wrong = pod('typo', ['true'], { restartPolici: 'Never' })
  await expect(client.kube.apply(wrong, { force: true, signal })).rejects.toThrow(/restartPolici/)
  expect(await client.kube.get(ref('Pod', 'typo'), signal)).toBeUndefined()
})

test('a missing object is undefined, an unknown kind is empty, and deleting a missing object is no error', async () => {
  const widget = { apiVersion: 'devk.example/v1', kind: 'Widget' }
  expect(await client.kube.list(widget, { signal })).toEqual([])
  expect(await client.kube.namespaced(widget, signal)).toBeUndefined()
  expect(await client.kube.get(ref('Secret', 'none'), signal)).toBeUndefined()
  await client.kube.delete(ref('Secret', 'none'), { uid: 'x', propagation: 'Background', signal })
})

test('delete with the UID of an earlier object leaves the present one', async () => {
  const settings = ref('ConfigMap', 'settings')
  const stale = '00000000-0000-0000-0000-000000000000'
  await client.kube.delete(settings, { uid: stale, propagation: 'Background', signal })
  expect(await client.kube.get(settings, signal)).toBeDefined()
})

test('a kind is known as soon as its definition is applied', async () => {
  const definition: KubeObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.devk.example' },
    spec: {
      group: 'devk.example',
      scope: 'Cluster',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  }
  await client.kube.apply(definition, { force: true, signal })
  const known = async () =>
    (await client.kube.namespaced({ apiVersion: 'devk.example/v1', kind: 'Widget' }, signal)) === false
      ? undefined
      : 'unknown'
  await waitUntil(known, { what: 'kind Widget', timeoutMs: 20_000, signal })
})

test('watch gives the whole state, then each change', async () => {
  const events: WatchEvent[] = []
  const stop = new AbortController()
  const options = { namespace: 'default', labels: 'watched=yes', signal: stop.signal }
  const watching = client.kube.watch({ apiVersion: 'v1', kind: 'ConfigMap' }, options, (event) => events.push(event))
  const seen = (count: number) =>
    waitUntil(async () => (events.length >= count ? undefined : `${events.length} events`), {
      what: 'the watch',
      timeoutMs: 20_000,
      intervalMs: 20,
      signal,
    })
  await seen(1)
  const watched = {
    ...configMap({ n: '1' }),
    metadata: { name: 'w', namespace: 'default', labels: { watched: 'yes' } },
  }
  const { metadata } = await client.kube.apply(watched, { force: true, signal })
  await client.kube.apply({ ...watched, data: { n: '2' } }, { force: true, signal })
  const gone = { uid: metadata.uid ?? '', propagation: 'Background' as const, signal }
  await client.kube.delete(ref('ConfigMap', 'w'), gone)
  await seen(4)
  stop.abort()
  await watching
  expect(events.map(({ type }) => type)).toEqual(['SYNCED', 'ADDED', 'MODIFIED', 'DELETED'])
})

test('exec passes standard input, and gives the exit code and both outputs', async () => {
  await startRunning(pod('tools', ['sleep', 'infinity']))
  const target = { namespace: 'default', name: 'tools' }
  const run = (command: string[], input?: Buffer) => execInPod(client.streams, target, command, { input, signal })
  expect(await run(['sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({ code: 7, out: 'out\n', err: 'err\n' })
  const input = Buffer.alloc(5_000_000, 'grüße ')
  expect(await run(['wc', '-c'], input)).toEqual({ code: 0, out: '5000000\n', err: '' })
  // The kubelet closes the connection right after its answer, which must not get lost.
  for (let i = 0; i < 10; i++) await expect(run(['no-such-program'])).rejects.toThrow(/no-such-program/)
  const gone = execInPod(client.streams, { ...target, name: 'none' }, ['true'], { signal })
  await expect(gone).rejects.toThrow(/"none" not found/)
})

test('exec ends at once when it is aborted', async () => {
  const stop = new AbortController()
  const outputs = { stdout: new PassThrough(), stderr: new PassThrough(), tty: false, signal: stop.signal }
  const running = client.streams.exec({ namespace: 'default', name: 'tools' }, ['sleep', '600'], outputs)
  setTimeout(() => stop.abort(new Error('enough')), 500)
  await expect(running).rejects.toThrow('enough')
})

test('followed logs give each line once, across container restarts and broken connections', async () => {
  const stop = new AbortController()
  const query = { labels: 'app=counter', serviceOf: () => 'counter', signal: stop.signal }
  const lines: string[] = []
  const following = (async () => {
    for await (const { text } of followLogs({ kube: client.kube, streams: breakingLogs(client.streams) }, query)) {
      lines.push(text)
      if (text === '9000') stop.abort()
    }
  })()
  await client.kube.apply(counterPod, { force: true, signal })
  await following
  expect(lines).toEqual(Array.from({ length: 9000 }, (_, i) => String(i + 1)))
  await remove('counter')
})

test('logs of several pods are read in the order of their times', async () => {
  const command = ['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.2; done; sleep infinity']
  const talk = (name: string) => podOf({ name, labels: { talk: 'yes' }, container: { command } })
  await Promise.all(['talk-a', 'talk-b'].map((name) => startRunning(talk(name))))
  const query = { labels: 'talk=yes', serviceOf: () => 'talk', signal }
  const read = async () => {
    const lines = []
    for await (const line of readLogs(client, query)) lines.push(line)
    return lines
  }
  const complete = async () => ((await read()).length === 6 ? undefined : 'lines are missing')
  await waitUntil(complete, { what: 'six lines', timeoutMs: 30_000, signal })
  const lines = await read()
  expect(lines.map(({ time }) => time)).toEqual(lines.map(({ time }) => time).sort())
  expect(lines.filter(({ pod }) => pod === 'talk-a').map(({ text }) => text)).toEqual(['1', '2', '3'])
})

test('a forward survives 1000 short connections, a half-close, and the deletion of its pod under load', async () => {
  let current: ForwardTarget | undefined = await startEcho('echo')
  const { echo, answer, loopback, end } = await forwardEcho(client.streams, () => current)
  try {
    const text = 'x'.repeat(1000)
    for (let round = 0; round < 50; round++) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(echo.localPort, text)))
      for (const got of answers) expect(got.toString()).toBe(text)
    }
    expect(echo.state()).toMatchObject({ total: 1000, problem: undefined })

    const late = await exchange(answer.localPort, Buffer.alloc(10_000_000))
    expect(late.subarray(0, 13).toString()).toBe('got 10000000\n')
    expect(late.length).toBe(13 + 3_000_000)

    // The forward reaches the pod's loopback through the API server, which cannot half-close a connection.
    expect(await firstBytes(loopback.localPort, 'hello')).toBe('hello')

    const load = Promise.allSettled(
      Array.from({ length: 20 }, () => exchange(echo.localPort, Buffer.alloc(50_000_000))),
    )
    await remove('echo')
    current = undefined
    await load
    const held = exchange(echo.localPort, 'after')
    current = await startEcho('echo-2')
    expect((await held).toString()).toBe('after')
  } finally {
    await end()
  }
})

test('connect to a port without a listener fails with the reason', async () => {
  await startRunning(pod('tools', ['sleep', 'infinity']))
  const refused = client.streams.connect({ namespace: 'default', name: 'tools' }, 7999, signal)
  await expect(refused).rejects.toThrow(/pod default\/tools refuses connections on port 7999: .*connection refused/s)
})
