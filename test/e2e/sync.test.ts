/** Syncing files into containers, and the loop of devk dev. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { execaRunner } from '../../src/exec/runner.ts'
import type { Kube, PodStreams } from '../../src/kube/api.ts'
import { connectKube } from '../../src/kube/client/client.ts'
import { nodeSyncer } from '../../src/sync/node-syncer.ts'
import type { Syncer, SyncFile } from '../../src/sync/syncer.ts'
import { tarSyncer } from '../../src/sync/tar-syncer.ts'
import { agentsOfCheckout } from '../support/agents.ts'
import { docker } from '../support/docker.ts'
import { proveCommands } from './support/pods/commands.ts'
import { backend, startDevSession } from './support/pods/dev-session.ts'
import { debian } from './support/pods/pods.ts'
import { proveRestarts } from './support/pods/restarts.ts'
import { agentsOn, killAgents } from './support/pods/sync-agents.ts'
import { runInRootOf, syncPods, syncTarget } from './support/pods/sync-pods.ts'
import { createTestCluster, type TestCluster } from './support/test-cluster.ts'

const runner = execaRunner(process.env)
const signal = new AbortController().signal
let cluster: TestCluster
let kube: Kube
let streams: PodStreams
let syncer: Syncer
const agents = agentsOfCheckout()
let folder = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'devk-e2e-sync-'))
  cluster = await createTestCluster('devk-e2e-sync')
  await cluster.loadImage(debian)
  ;({ kube, streams } = await connectKube(cluster.kubeconfig, cluster.context))
  syncer = nodeSyncer(agents, (node) => node)
  await cluster.apply(...syncPods)
  await cluster.kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=120s')
})
afterAll(async () => {
  agents.close()
  await cluster?.delete()
  rmSync(folder, { recursive: true, force: true })
})

/** The container of a pod, as a target of the sync. */
const targetOf = (name: string) => syncTarget(cluster, name)

/** Writes a file to send; gives its path. */
function local(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const write = (from: string, to: string): SyncFile => ({ kind: 'write', from, to })
const remove = (to: string, directory = false): SyncFile => ({ kind: 'delete', to, directory })
const sh = (script: string) => cluster.kubectl('exec', 'debian', '--', 'sh', '-c', script)

test('a file keeps the mode and owner of the file that it replaces, or gets the owner of its folder', async () => {
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
    'new 640 1000:1000\n 755 1000:1000\n 755 1000:1000',
  )
  expect(await sh('find / -xdev -name ".devk-*"')).toBe('')
})

test('file names may have spaces, newlines, quotes, dashes and letters of any language', async () => {
  const names = ['a b', '-rf', 'new\nline', `"'\``, '$(id)', 'ü→日', '*?[x]']
  const files = names.map((name) => write(local('odd', 'odd'), `/app/odd/${name}`))
  await syncer.send(await targetOf('debian'), files, signal)
  const found = await sh('cd /app/odd && find . -type f -print0')
  expect(found.split('\0').filter(Boolean).sort()).toEqual(names.map((name) => `./${name}`).sort())
})

test('a symbolic link never leads out of the container', async () => {
  const file = local('link', 'mine')
  const target = await targetOf('debian')
  await syncer.send(target, [write(file, '/app/etc/devk-test'), write(file, '/app/up/devk-up')], signal)
  expect(await sh('cat /etc/devk-test /devk-up')).toBe('minemine')
  expect(await docker('exec', cluster.node, 'sh', '-c', 'ls /etc/devk-test /devk-up 2>/dev/null | wc -l')).toBe('0')
})

test('a symbolic link is sent as a link', async () => {
  const link = join(folder, 'a-link')
  symlinkSync('../target', link)
  await syncer.send(await targetOf('debian'), [write(link, '/app/a-link')], signal)
  expect((await sh('readlink /app/a-link')).trim()).toBe('../target')
})

test('a deletion removes a file, and a folder only when it is empty', async () => {
  const files = [remove('/app/dir/sub/a'), remove('/app/dir/sub', true), remove('/app/dir', true), remove('/app/never')]
  await syncer.send(await targetOf('debian'), files, signal)
  expect(await sh('cd /app && find dir')).toBe('dir\ndir/kept')
})

test('a file replaces a folder, and a folder replaces a file', async () => {
  const target = await targetOf('debian')
  const file = local('place', 'x')
  await syncer.send(target, [write(file, '/app/swap/in')], signal)
  await syncer.send(target, [remove('/app/swap/in'), write(file, '/app/swap')], signal)
  await syncer.send(target, [remove('/app/swap'), write(file, '/app/swap/in')], signal)
  expect(await sh('cat /app/swap/in')).toBe('x')
})

test('a file of 60 MB arrives complete', async () => {
  const big = local('big', Buffer.alloc(60_000_000, 'devk'))
  await syncer.send(await targetOf('debian'), [write(big, '/app/big')], signal)
  expect((await sh('sha256sum < /app/big')).split(' ')[0]).toBe(
    (await runner.run('sha256sum', [big])).stdout.split(' ')[0],
  )
})

test('a batch may have 10,000 files', async () => {
  const small = local('small', 'x')
  const files = Array.from({ length: 10_000 }, (_, i) => write(small, `/app/many/${i % 100}/${i}`))
  expect(await syncer.send(await targetOf('debian'), files, signal)).toMatchObject({ files: 10_000 })
  expect((await sh('find /app/many -type f | wc -l')).trim()).toBe('10000')
})

test('a file that no longer exists is left out', async () => {
  const sent = await syncer.send(
    await targetOf('debian'),
    [write(join(folder, 'gone'), '/app/gone'), write(local('there', 'x'), '/app/there')],
    signal,
  )
  expect(sent).toMatchObject({ files: 1 })
})

test('an image without a shell and with another user is synced', async () => {
  const target = await targetOf('scratch')
  await syncer.send(target, [write(local('s', 'static'), '/srv/app/main')], signal)
  expect(await runInRootOf(target, 'cat srv/app/main')).toBe('static')
})

test('a read-only root file system is an error, and files in its volumes are written', async () => {
  const target = await targetOf('sealed')
  const file = local('sealed', 'x')
  await expect(syncer.send(target, [write(file, '/data/x'), write(file, '/app/x')], signal)).rejects.toMatchObject({
    code: 'SYNC_FAILED',
    details: ['/app/x: creating /app: read-only file system'],
    hint: expect.stringContaining('readOnlyRootFilesystem'),
  })
  expect(await runInRootOf(target, 'cat data/x')).toBe('x')
})

test('a container that does not run gives the result gone', async () => {
  const target = { ...(await targetOf('debian')), containerId: 'f00d'.repeat(16) }
  expect(await syncer.send(target, [write(local('x', 'x'), '/x')], signal)).toBe('gone')
})

test('an agent that was killed is started again', async () => {
  const target = await targetOf('debian')
  await killAgents(cluster.node)
  await syncer.send(target, [write(local('again', 'again'), '/app/again')], signal)
  expect(await sh('cat /app/again')).toBe('again')
})

test('two sends to one node at the same time share an agent', async () => {
  const ownAgents = agentsOfCheckout()
  const own = nodeSyncer(ownAgents, (node) => node)
  const before = await agentsOn(cluster.node)
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
  const after = await agentsOn(cluster.node)
  ownAgents.close()
  expect(after.filter((pid) => !before.includes(pid))).toHaveLength(1)
})

test('the tar syncer writes and deletes files too', async () => {
  const tar = tarSyncer(streams)
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

test('the dev loop syncs a save, syncs again after a restart, reports a crash, and recovers', async () => {
  const source = join(folder, 'service')
  mkdirSync(join(source, 'app'), { recursive: true })
  writeFileSync(join(source, 'app', 'state'), 'one')
  await sleep(50)
  await cluster.apply(backend)
  const own = nodeSyncer(agents, (node) => node)
  const { waitForEvent, waitForContainer, end } = startDevSession(kube, { syncer: own, source })
  const state = () => cluster.kubectl('exec', 'deploy/backend', '--', 'cat', '/app/state')
  await waitForEvent((event) => event.type === 'watching')
  await waitForContainer()

  writeFileSync(join(source, 'app', 'state'), 'two')
  await waitForEvent((event) => event.type === 'synced')
  expect(await state()).toBe('two')

  await cluster.kubectl('delete', 'pod', '-l', 'devk.dev/service=backend', '--grace-period=0', '--force')
  await waitForEvent((event) => event.type === 'synced' && event.again)
  expect(await state()).toBe('two')

  writeFileSync(join(source, 'app', 'state'), 'crash')
  await waitForEvent((event) => event.type === 'crashed' && event.exitCode === 3 && event.afterSync)

  writeFileSync(join(source, 'app', 'state'), 'three')
  await waitForEvent((event) => event.type === 'synced')
  // The save may have reached the old container in its last moment; the new container gets it too.
  while ((await state().catch(() => '')) !== 'three') await sleep(100)

  writeFileSync(join(source, 'Dockerfile'), 'FROM scratch')
  await waitForEvent((event) => event.type === 'failed' && event.during === 'rebuild')
  await end()
})

test('commands run in the container after a sync: what fails is kept, and a save that corrects it tries again', () =>
  proveCommands(cluster, { kube, streams, source: join(folder, 'commands') }))

test('a save restarts the program in its container, also after a crash, with a read-only root and restricted pods', () =>
  proveRestarts(cluster, { kube, streams, source: join(folder, 'restarts') }))

test('no agent runs on the node after close', async () => {
  agents.close()
  while ((await agentsOn(cluster.node)).length > 0) await sleep(100)
})
