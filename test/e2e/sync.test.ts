import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { watchTree } from '../../src/dev/batches.ts'
import type { SessionEvent } from '../../src/dev/events.ts'
import { trackPods } from '../../src/dev/pods.ts'
import { runSession } from '../../src/dev/session.ts'
import { execaRunner } from '../../src/exec/runner.ts'
import { ignoreRules } from '../../src/images/ignore.ts'
import type { Kube, PodStreams } from '../../src/kube/api.ts'
import { connectKube } from '../../src/kube/client.ts'
import { execTarSyncer } from '../../src/sync/exec-tar.ts'
import { nodeAgentSyncer } from '../../src/sync/node-agent.ts'
import type { Syncer, SyncFile, SyncTarget } from '../../src/sync/syncer.ts'
import { createTestCluster, type TestCluster } from './support/cluster.ts'
import { docker } from './support/engine.ts'

const runner = execaRunner(process.env)
const signal = new AbortController().signal
const prepare = [
  'mkdir -p /app /srv/real',
  'ln -s /etc /app/etc',
  'ln -s ../../../../../../.. /app/up',
  'echo old > /app/f',
  'chmod 640 /app/f',
  'chown 1000:1000 /app /app/f',
  'mkdir -p /app/dir/sub && touch /app/dir/sub/a /app/dir/kept',
  'exec sleep 100000',
].join('; ')
let cluster: TestCluster
let kube: Kube
let streams: PodStreams
let syncer: Syncer
let folder = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'devk-e2e-sync-'))
  cluster = await createTestCluster('devk-e2e-sync')
  await cluster.load('kit/debian:bookworm')
  ;({ kube, streams } = await connectKube(cluster.kubeconfig, cluster.context))
  syncer = nodeAgentSyncer(runner, (node) => node)
  await cluster.apply(
    pod('debian', 'kit/debian:bookworm', { command: ['sh', '-c', prepare] }),
    // Nothing but one static program: no tar, no shell.
    pod('scratch', 'registry.k8s.io/pause:3.10', { securityContext: { runAsUser: 65534, runAsNonRoot: true } }),
    pod('sealed', 'kit/debian:bookworm', {
      command: ['sleep', '100000'],
      securityContext: { readOnlyRootFilesystem: true, runAsUser: 1000 },
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    }),
  )
  await cluster.kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=120s')
})
afterAll(async () => {
  syncer?.close()
  await cluster?.delete()
  rmSync(folder, { recursive: true, force: true })
})

function pod(name: string, image: string, container: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: {
      terminationGracePeriodSeconds: 0,
      volumes: [{ name: 'data', emptyDir: {} }],
      containers: [{ name: 'main', image, imagePullPolicy: 'Never', ...container }],
    },
  }
}

async function targetOf(name: string): Promise<SyncTarget> {
  const id = await cluster.kubectl('get', 'pod', name, '-o', 'jsonpath={.status.containerStatuses[0].containerID}')
  const containerId = id.replace('containerd://', '')
  return { service: name, pod: { namespace: 'default', name }, container: 'main', containerId, node: cluster.node }
}

function local(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const write = (from: string, to: string): SyncFile => ({ kind: 'write', from, to })
const remove = (to: string, directory = false): SyncFile => ({ kind: 'delete', to, directory })
const sh = (script: string) => cluster.kubectl('exec', 'debian', '--', 'sh', '-c', script)

/** What the node sees in a container that has no program to look with. */
async function inside(target: SyncTarget, script: string): Promise<string> {
  const state = `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${target.containerId}`
  return docker('exec', cluster.node, 'sh', '-c', `cd /proc/$(cat ${state}/init.pid)/root && ${script}`)
}

test('files arrive whole, with the mode and owner of what was there, or of the folder', async () => {
  const text = local('text', 'new')
  const program = local('program', 'run')
  chmodSync(program, 0o755)
  const sent = await syncer.send(
    await targetOf('debian'),
    [write(text, '/app/f'), write(program, '/app/bin/run')],
    signal,
  )
  expect(sent).toMatchObject({ files: 2, bytes: 6 })
  expect(await sh('cat /app/f; stat -c " %a %u:%g" /app/f /app/bin /app/bin/run')).toBe(
    'new 640 1000:1000\n 755 1000:1000\n 755 1000:1000\n',
  )
  expect(await sh('find / -xdev -name ".devk-*"')).toBe('')
})

test('names with spaces, newlines, quotes, dashes and other letters', async () => {
  const names = ['a b', '-rf', 'new\nline', `"'\``, '$(id)', 'ü→日', '*?[x]']
  const files = names.map((name) => write(local('odd', 'odd'), `/app/odd/${name}`))
  await syncer.send(await targetOf('debian'), files, signal)
  const found = await sh('cd /app/odd && find . -type f -print0')
  expect(found.split('\0').filter(Boolean).sort()).toEqual(names.map((name) => `./${name}`).sort())
})

test('links that point out lead nowhere but into the container', async () => {
  const file = local('link', 'mine')
  const target = await targetOf('debian')
  await syncer.send(target, [write(file, '/app/etc/devk-test'), write(file, '/app/up/devk-up')], signal)
  expect(await sh('cat /etc/devk-test /devk-up')).toBe('minemine')
  expect(await docker('exec', cluster.node, 'sh', '-c', 'ls /etc/devk-test /devk-up 2>/dev/null | wc -l')).toBe('0')
})

test('a link is sent as a link', async () => {
  const link = join(folder, 'a-link')
  symlinkSync('../target', link)
  await syncer.send(await targetOf('debian'), [write(link, '/app/a-link')], signal)
  expect((await sh('readlink /app/a-link')).trim()).toBe('../target')
})

test('deletions take files, and folders when they are empty', async () => {
  const files = [remove('/app/dir/sub/a'), remove('/app/dir/sub', true), remove('/app/dir', true), remove('/app/never')]
  await syncer.send(await targetOf('debian'), files, signal)
  expect(await sh('cd /app && find dir')).toBe('dir\ndir/kept\n')
})

test('a file takes the place of a folder, and a folder of a file', async () => {
  const target = await targetOf('debian')
  const file = local('place', 'x')
  await syncer.send(target, [write(file, '/app/swap/in')], signal)
  await syncer.send(target, [remove('/app/swap/in'), write(file, '/app/swap')], signal)
  await syncer.send(target, [remove('/app/swap'), write(file, '/app/swap/in')], signal)
  expect(await sh('cat /app/swap/in')).toBe('x')
})

test('a big file streams', async () => {
  const big = local('big', Buffer.alloc(60_000_000, 'devk'))
  await syncer.send(await targetOf('debian'), [write(big, '/app/big')], signal)
  expect((await sh('sha256sum < /app/big')).split(' ')[0]).toBe(
    (await runner.run('sha256sum', [big])).stdout.split(' ')[0],
  )
})

test('10,000 files in one batch', async () => {
  const small = local('small', 'x')
  const files = Array.from({ length: 10_000 }, (_, i) => write(small, `/app/many/${i % 100}/${i}`))
  expect(await syncer.send(await targetOf('debian'), files, signal)).toMatchObject({ files: 10_000 })
  expect((await sh('find /app/many -type f | wc -l')).trim()).toBe('10000')
})

test('a file that is gone by then is passed over', async () => {
  const sent = await syncer.send(
    await targetOf('debian'),
    [write(join(folder, 'gone'), '/app/gone'), write(local('there', 'x'), '/app/there')],
    signal,
  )
  expect(sent).toMatchObject({ files: 1 })
})

test('nothing is needed in the image, and its user does not matter', async () => {
  const target = await targetOf('scratch')
  await syncer.send(target, [write(local('s', 'static'), '/srv/app/main')], signal)
  expect(await inside(target, 'cat srv/app/main')).toBe('static')
})

test('a read-only root is told, and its volumes are written', async () => {
  const target = await targetOf('sealed')
  const file = local('sealed', 'x')
  await expect(syncer.send(target, [write(file, '/data/x'), write(file, '/app/x')], signal)).rejects.toMatchObject({
    code: 'SYNC_FAILED',
    details: ['/app/x: making /app: Read-only file system'],
    hint: expect.stringContaining('readOnlyRootFilesystem'),
  })
  expect(await inside(target, 'cat data/x')).toBe('x')
})

test('a container that does not run is gone', async () => {
  const target = { ...(await targetOf('debian')), containerId: 'f00d'.repeat(16) }
  expect(await syncer.send(target, [write(local('x', 'x'), '/x')], signal)).toBe('gone')
})

const agents = `for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline 2>/dev/null | grep -q '^perl -e' && echo \${p#/proc/}; done; true`

/** Those that the engine started, without the children that each of them has for its containers. */
const agentRoots = `for p in $(${agents}); do grep -q '^PPid:.0$' /proc/$p/status && echo $p; done; true`

test('an agent that dies is started again', async () => {
  const target = await targetOf('debian')
  await docker('exec', cluster.node, 'sh', '-c', `for p in $(${agents}); do kill -9 $p; done`)
  await syncer.send(target, [write(local('again', 'again'), '/app/again')], signal)
  expect(await sh('cat /app/again')).toBe('again')
})

test('containers of a node that are served at once share an agent, or one would outlive the syncer', async () => {
  const own = nodeAgentSyncer(runner, (node) => node)
  const before = (await docker('exec', cluster.node, 'sh', '-c', agentRoots)).split(/\s+/)
  const targets = await Promise.all(['debian', 'sealed'].map(targetOf))
  await Promise.all(
    targets.map((target) =>
      own.send(
        target,
        [write(local('shared', 'x'), target.service === 'sealed' ? '/data/shared' : '/tmp/shared')],
        signal,
      ),
    ),
  )
  const after = (await docker('exec', cluster.node, 'sh', '-c', agentRoots)).split(/\s+/)
  own.close()
  expect(after.filter((pid) => !before.includes(pid))).toHaveLength(1)
})

test('the stream of tar writes and deletes the same', async () => {
  const tar = execTarSyncer(streams)
  const target = await targetOf('debian')
  const name = '/app/tar/-dash "q"\n'
  const empty = local('empty', '')
  const files = [
    write(local('t', 'by tar'), name),
    write(empty, '/app/tar/empty'),
    remove('/app/dir/kept'),
    remove('/app/dir', true),
  ]
  expect(await tar.send(target, files, signal)).toMatchObject({ files: 4, bytes: 6 })
  expect(await sh('cat /app/tar/-dash*; ls /app/tar | wc -l; ls -d /app/dir 2>&1 | wc -c')).toMatch(/^by tar/)
  expect((await sh('ls -d /app/dir 2>/dev/null; true')).trim()).toBe('')
})

/** A real Deployment whose image is broken until a build, which the test plays, repairs its command. */
test('the loop: save, restart, crash, recovery', async () => {
  const source = join(folder, 'service')
  mkdirSync(join(source, 'app'), { recursive: true })
  writeFileSync(join(source, 'app', 'state'), 'one')
  await sleep(50)
  const labels = { 'devk.dev/project': 'demo', 'devk.dev/service': 'backend' }
  // It ends when a synced file says so: a crash that a save brings, and a save mends.
  const script = 'while ! grep -qs crash /app/state; do sleep 0.1; done; exit 3'
  const template = pod('x', 'kit/debian:bookworm', { command: ['sh', '-c', script] }) as { spec: object }
  await cluster.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'backend', namespace: 'default' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: template.spec } },
  })
  const done = new AbortController()
  const events: SessionEvent[] = []
  const waiting = new Set<() => void>()
  const sees = async (what: (event: SessionEvent) => boolean): Promise<void> => {
    while (!events.some(what)) await new Promise<void>((resolve) => waiting.add(resolve))
    events.length = 0
  }
  const pods = trackPods(kube, { project: 'demo', containers: {} }, done.signal)
  const session = runSession(
    {
      services: async () => [
        {
          name: 'backend',
          context: source,
          dockerfile: join(source, 'Dockerfile'),
          ignore: ignoreRules(''),
          sync: [{ from: join(source, 'app'), to: '/app', excludes: () => false }],
        },
      ],
      redeployPaths: [],
      since: Date.now(),
      now: Date.now,
      pods,
      syncer: nodeAgentSyncer(runner, (node) => node),
      rebuild: async () => {
        throw new Error('the build fails')
      },
      redeploy: async () => {},
      deletePod: ({ uid, ...place }, aborted) =>
        kube.delete({ apiVersion: 'v1', kind: 'Pod', ...place }, { uid, propagation: 'Background', signal: aborted }),
      watch: (options) => watchTree({ ...options, now: Date.now }),
      report(event) {
        events.push(event)
        for (const wake of waiting) wake()
        waiting.clear()
      },
    },
    done.signal,
  )
  const state = () => cluster.kubectl('exec', 'deploy/backend', '--', 'cat', '/app/state')
  const runs = async (): Promise<void> => {
    while (pods.running('backend').length === 0) await sleep(50)
  }
  await sees((event) => event.type === 'watching')
  await runs()

  writeFileSync(join(source, 'app', 'state'), 'two')
  await sees((event) => event.type === 'synced')
  expect(await state()).toBe('two')

  await cluster.kubectl('delete', 'pod', '-l', 'devk.dev/service=backend', '--grace-period=0', '--force')
  await sees((event) => event.type === 'synced' && event.again)
  expect(await state()).toBe('two')

  writeFileSync(join(source, 'app', 'state'), 'crash')
  await sees((event) => event.type === 'crashed' && event.exitCode === 3 && event.afterSync)

  writeFileSync(join(source, 'app', 'state'), 'three')
  await sees((event) => event.type === 'synced')
  // The save may have met the old container in its last moment; whatever runs in the end has it.
  while ((await state().catch(() => '')) !== 'three') await sleep(100)

  writeFileSync(join(source, 'Dockerfile'), 'FROM scratch')
  await sees((event) => event.type === 'failed' && event.during === 'rebuild')
  done.abort()
  await session
})

test('at the end nothing runs on the node', async () => {
  syncer.close()
  while ((await docker('exec', cluster.node, 'sh', '-c', agents)) !== '') await sleep(100)
})
