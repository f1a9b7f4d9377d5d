import { connect as dial } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { execaRunner } from '../../src/exec/runner.ts'
import { type ForwardTarget, podDialer } from '../../src/forward/connect.ts'
import { startForward } from '../../src/forward/forwarder.ts'
import type { KubeObject, ObjectRef, WatchEvent } from '../../src/kube/api.ts'
import { connectKube, statusOf } from '../../src/kube/client.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { followLogs } from '../../src/logs/follow.ts'
import { readLogs } from '../../src/logs/read.ts'
import { createTestCluster, type TestCluster } from './support/cluster.ts'
import { echoServer } from './support/echo.ts'

let cluster: TestCluster
let client: Awaited<ReturnType<typeof connectKube>>
const all = new AbortController()
const { signal } = all

beforeAll(async () => {
  cluster = await createTestCluster('devk-e2e-kube')
  await cluster.load('kit/debian:bookworm')
  client = await connectKube(cluster.kubeconfig, cluster.context)
})
afterAll(async () => {
  all.abort()
  await cluster?.delete()
})

const pod = (name: string, command: string[], extra: object = {}, main: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', image: 'kit/debian:bookworm', imagePullPolicy: 'IfNotPresent', command, ...main }],
    ...extra,
  },
})
const ref = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name })
const configMap = (data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'default' },
  data,
})

/** Applies a pod and waits until it runs. */
async function running(wanted: KubeObject): Promise<KubeObject> {
  await client.kube.apply(wanted, { force: true, signal })
  const { name } = wanted.metadata
  let found: KubeObject | undefined
  await waitUntil(
    async () => {
      found = await client.kube.get(ref(name), signal)
      const { phase } = (found?.status ?? {}) as { phase?: string }
      return phase === 'Running' ? undefined : `phase ${phase}`
    },
    { what: `Pod ${name}`, timeoutMs: 60_000, signal },
  )
  if (!found) throw new Error('unreachable')
  return found
}

async function removed(name: string): Promise<void> {
  const found = await client.kube.get(ref(name), signal)
  if (found?.metadata.uid) {
    await client.kube.delete(ref(name), { uid: found.metadata.uid, propagation: 'Background', signal })
  }
  const check = async () => ((await client.kube.get(ref(name), signal)) ? 'still there' : undefined)
  await waitUntil(check, { what: `the end of Pod ${name}`, timeoutMs: 60_000, signal })
}

test('apply creates, changes, refuses another manager’s field, and takes it over by force', async () => {
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

test('a dry run changes nothing', async () => {
  await client.kube.apply(configMap({ a: '9' }), { force: true, dryRun: true, signal })
  const found = await client.kube.get({ ...ref('settings'), kind: 'ConfigMap' }, signal)
  expect(found?.data).toEqual({ a: '3' })
})

test('a field that does not exist is an error that names it', async () => {
  const wrong = pod('typo', ['true'], { restartPolici: 'Never' })
  await expect(client.kube.apply(wrong, { force: true, signal })).rejects.toThrow(/restartPolici/)
  expect(await client.kube.get(ref('typo'), signal)).toBeUndefined()
})

test('what is not there is undefined or empty, and deleting it is no error', async () => {
  const widget = { apiVersion: 'devk.example/v1', kind: 'Widget' }
  expect(await client.kube.list(widget, { signal })).toEqual([])
  expect(await client.kube.namespaced(widget, signal)).toBeUndefined()
  expect(await client.kube.get({ ...ref('none'), kind: 'Secret' }, signal)).toBeUndefined()
  await client.kube.delete({ ...ref('none'), kind: 'Secret' }, { uid: 'x', propagation: 'Background', signal })
})

test('a delete that means an earlier object of that name leaves the present one', async () => {
  const settings = { ...ref('settings'), kind: 'ConfigMap' }
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

test('a watch tells the whole state, then each change', async () => {
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
  await client.kube.delete({ ...ref('w'), kind: 'ConfigMap' }, gone)
  await seen(4)
  stop.abort()
  await watching
  expect(events.map(({ type }) => type)).toEqual(['SYNCED', 'ADDED', 'MODIFIED', 'DELETED'])
})

test('exec gives exit codes, both outputs and stdin to its end', async () => {
  await running(pod('tools', ['sleep', 'infinity']))
  const target = { namespace: 'default', name: 'tools' }
  const run = async (command: string[], input?: Buffer) => {
    const stdout = new PassThrough()
    const stderr = new PassThrough()
    const texts = Promise.all([stdout, stderr].map(readAll))
    const stdin = input && Readable.from([input])
    const code = await client.streams.exec(target, command, { stdin, stdout, stderr, tty: false, signal })
    stdout.end()
    stderr.end()
    const [out, err] = await texts
    return { code, out: out?.toString(), err: err?.toString() }
  }
  expect(await run(['sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({ code: 7, out: 'out\n', err: 'err\n' })
  const input = Buffer.alloc(5_000_000, 'grüße ')
  expect(await run(['wc', '-c'], input)).toEqual({ code: 0, out: '5000000\n', err: '' })
  // The kubelet closes the connection right behind its answer.
  for (let i = 0; i < 10; i++) await expect(run(['no-such-program'])).rejects.toThrow(/no-such-program/)
  const gone = client.streams.exec({ ...target, name: 'none' }, ['true'], {
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    tty: false,
    signal,
  })
  await expect(gone).rejects.toThrow(/"none" not found/)
})

test('an exec that is aborted ends at once', async () => {
  const stop = new AbortController()
  const outputs = { stdout: new PassThrough(), stderr: new PassThrough(), tty: false, signal: stop.signal }
  const running = client.streams.exec({ namespace: 'default', name: 'tools' }, ['sleep', '600'], outputs)
  setTimeout(() => stop.abort(new Error('enough')), 500)
  await expect(running).rejects.toThrow('enough')
})

test('numbered lines come once each over container restarts and broken connections', async () => {
  const script = `$| = 1; open F, '/d/n'; my $n = <F> || 0; close F;
    for (1 .. 3000) { $n++; print "$n\\n"; select(undef, undef, undef, 0.001) if $n % 5 == 0 }
    open F, '>/d/n'; print F $n; close F; exit 3`
  const stop = new AbortController()
  const breaking: typeof client.streams = {
    ...client.streams,
    async logs(target, options) {
      const stream = await client.streams.logs(target, options)
      if (options.follow) setTimeout(() => stream.destroy(new Error('broken by the test')), 200 + Math.random() * 800)
      return stream
    },
  }
  const query = { labels: 'app=counter', serviceOf: () => 'counter', signal: stop.signal }
  const lines: string[] = []
  const following = (async () => {
    for await (const { text } of followLogs({ kube: client.kube, streams: breaking }, query)) {
      lines.push(text)
      if (text === '9000') stop.abort()
    }
  })()
  const volume = { name: 'd', emptyDir: {} }
  const mounted = { volumeMounts: [{ name: 'd', mountPath: '/d' }] }
  await client.kube.apply(pod('counter', ['perl', '-e', script], { volumes: [volume] }, mounted), {
    force: true,
    signal,
  })
  await following
  expect(lines).toEqual(Array.from({ length: 9000 }, (_, i) => String(i + 1)))
  await removed('counter')
})

test('logs are read from several pods in the order of time', async () => {
  const talk = (name: string) => pod(name, ['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.2; done; sleep infinity'])
  const named = (name: string) => ({ ...talk(name), metadata: { name, namespace: 'default', labels: { talk: 'yes' } } })
  await Promise.all(['talk-a', 'talk-b'].map((name) => running(named(name))))
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

test('1000 short connections, a half-close, and a pod that is deleted under load', async () => {
  const target = targetOf(await running(pod('echo', ['perl', '-e', echoServer])))
  let current: ForwardTarget | undefined = target
  const dialer = podDialer(execaRunner(process.env), client.streams.connect)
  const stop = new AbortController()
  const forward = (remotePort: number) =>
    startForward({
      name: 'echo',
      localPort: 0,
      remotePort,
      target: () => current,
      connect: dialer.connect,
      signal: stop.signal,
      now: () => performance.now(),
    })
  const [echo, answer, loopback] = await Promise.all([forward(7000), forward(7001), forward(7002)])
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

    // The pod's loopback is reached through the API server, which cannot half-close.
    expect(await firstBytes(loopback.localPort, 'hello')).toBe('hello')

    const load = Promise.allSettled(
      Array.from({ length: 20 }, () => exchange(echo.localPort, Buffer.alloc(50_000_000))),
    )
    await removed('echo')
    current = undefined
    await load
    const held = exchange(echo.localPort, 'after')
    current = targetOf(await running(pod('echo-2', ['perl', '-e', echoServer])))
    expect((await held).toString()).toBe('after')
  } finally {
    stop.abort()
    dialer.close()
  }
  await Promise.all([echo, answer, loopback].map(({ done }) => done))
})

test('a port on which nothing listens is refused with the reason', async () => {
  await running(pod('tools', ['sleep', 'infinity']))
  const refused = client.streams.connect({ namespace: 'default', name: 'tools' }, 7999, signal)
  await expect(refused).rejects.toThrow(/pod default\/tools refuses connections on port 7999: .*connection refused/s)
})

function targetOf({ metadata, status }: KubeObject): ForwardTarget {
  const { podIP } = status as { podIP: string }
  return { namespace: 'default', name: metadata.name, ip: podIP, nodeContainer: cluster.node }
}

/** Sends, ends its direction, and reads to the end. */
async function exchange(port: number, data: Buffer | string): Promise<Buffer> {
  const socket = dial({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.end(data)
  return await readAll(socket)
}

async function firstBytes(port: number, data: string): Promise<string> {
  const socket = dial({ port, host: '127.0.0.1' })
  socket.write(data)
  for await (const chunk of socket) return String(chunk)
  return ''
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
