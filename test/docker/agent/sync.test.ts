import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../../src/lib/wait.ts'
import { nodeSyncer } from '../../../src/sync/node-syncer.ts'
import { operation } from '../../../src/sync/operations.ts'
import type { SyncFile } from '../../../src/sync/syncer.ts'
import { agentsOfCheckout } from '../../support/agents.ts'
import { type FakeNode, startNode } from './node.ts'

const { signal } = new AbortController()
const folder = mkdtempSync(join(tmpdir(), 'devk-agent-'))
let node: FakeNode

beforeAll(async () => {
  node = await startNode()
})
afterAll(async () => {
  await node?.remove()
  rmSync(folder, { recursive: true, force: true })
})

function local(content: string | Buffer): string {
  const path = join(folder, 'file')
  writeFileSync(path, content)
  return path
}

const write = (content: string | Buffer, to: string): SyncFile => ({ kind: 'write', from: local(content), to })
const agentHandles = () => node.sh('for p in $(pidof -x $(ls /opt/devk)); do ls /proc/$p/fd; done | wc -l')

test('the program is copied once, for root alone, and takes the place of earlier ones', async () => {
  await node.sh('mkdir -p /opt/devk; touch /opt/devk/agent-0123456789abcdef')
  const target = await node.container('/c/first')
  await node.syncer.send(target, [write('one', '/f')], signal)
  const listed = () => node.sh('cd /opt/devk && stat -c "%n %a %U %Y" agent-*')
  const first = await listed()
  expect(first).toMatch(/^agent-[0-9a-f]{16} 700 root \d+$/)
  const others = agentsOfCheckout()
  await nodeSyncer(others, (name) => name).send(target, [write('two', '/f')], signal)
  others.close()
  expect(await listed()).toBe(first)
  expect(await node.sh('cat /c/first/f')).toBe('two')
})

test('a save that does not fit is reported, and the next one fits', async () => {
  const target = await node.container('/c/full')
  await node.sh('mkdir /c/full/data && mount -t tmpfs -o size=1m tmpfs /c/full/data')
  const tooMuch = node.syncer.send(target, [write(Buffer.alloc(3_000_000), '/data/big')], signal)
  await expect(tooMuch).rejects.toMatchObject({
    code: 'SYNC_FAILED',
    details: ['/data/big: no space left on device'],
  })
  await node.syncer.send(target, [write(Buffer.alloc(900_000), '/data/fits')], signal)
  expect(await node.sh('ls -A /c/full/data')).toBe('fits')
})

test('a file that is a mount point is overwritten', async () => {
  const target = await node.container('/c/mounted')
  await node.sh('echo a longer text >/c/source; touch /c/mounted/f; mount --bind /c/source /c/mounted/f')
  await node.syncer.send(target, [write('new', '/f')], signal)
  expect(await node.sh('cat /c/source; ls -A /c/mounted')).toBe('newf')
})

test('a link of /proc that leads to another root is not followed', async () => {
  const target = await node.container('/c/proc')
  await node.sh('mkdir /c/proc/proc && mount -t proc proc /c/proc/proc && ln -s /proc/1/root/etc /c/proc/out')
  await expect(node.syncer.send(target, [write('x', '/out/devk-escaped')], signal)).rejects.toMatchObject({
    code: 'SYNC_FAILED',
  })
  expect(await node.sh('ls /etc | grep devk-escaped || true')).toBe('')
})

test('a container whose process is another one by now is gone', async () => {
  const target = await node.container('/c/stale')
  await target.end()
  expect(await node.syncer.send(target, [write('x', '/f')], signal)).toBe('gone')
  const other = { ...target, containerId: 'f00d'.repeat(16) }
  await node.sh(
    `cd /run/containerd/io.containerd.runtime.v2.task/k8s.io && mkdir ${other.containerId} && echo 1 >${other.containerId}/init.pid`,
  )
  expect(await node.syncer.send(other, [write('x', '/f')], signal)).toBe('gone')
})

test('a container that ends in the middle of a batch is let go of at once, and is gone', async () => {
  const target = await node.container('/c/ending')
  const before = await agentHandles()
  const { duplex, opened } = await node.agents.open('sync', target.node, target.containerId, signal)
  const broken = new Promise((resolve) => duplex.once('error', resolve))
  await opened
  duplex.write(Buffer.concat([operation.file('/f', 0o644), operation.piece(Buffer.from('half'))]))
  await waitUntil(async () => ((await node.sh('ls -A /c/ending')) === '' ? 'no file' : undefined), {
    what: 'the file',
    timeoutMs: 5000,
    intervalMs: 20,
    signal,
  })
  expect(Number(await agentHandles())).toBeGreaterThan(Number(before))
  await target.end()
  expect(await broken).toMatchObject({ errno: 3 })
  expect(await agentHandles()).toBe(before)
  expect(await node.sh('ls -A /c/ending')).toBe('')
})

test('a batch that waits for its client holds up no other one', async () => {
  const [slow, other] = [await node.container('/c/slow'), await node.container('/c/other')]
  const { duplex, opened } = await node.agents.open('sync', slow.node, slow.containerId, signal)
  await opened
  const content = Buffer.alloc(1 << 20, 'x')
  duplex.write(Buffer.concat([operation.file('/f', 0o644), operation.piece(content.subarray(0, 1000))]))
  await node.syncer.send(other, [write(content, '/f')], signal)
  expect(await node.sh('wc -c </c/other/f; ls /c/slow')).toBe('1048576')
  duplex.destroy()
})
