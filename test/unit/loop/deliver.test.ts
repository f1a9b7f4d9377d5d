import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DevkError } from '../../../src/errors.ts'
import type { SyncFile, SyncTarget } from '../../../src/sync/syncer.ts'
import { deliveryOf, target } from './deliver-support.ts'

test('a file that was away when it was to be sent, and comes back as it was, is sent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'devk-deliver-'))
  const file: SyncFile = { kind: 'write', from: join(folder, 'a'), to: '/app/a' }
  let sends = 0
  const { deliver, tree, events, synced, end } = deliveryOf(
    [file, { kind: 'write', from: join(folder, 'deleted'), to: '/app/deleted' }],
    async (_target, files) => {
      sends += 1
      const absent = files.filter((each) => each.kind === 'write' && !existsSync(each.from))
      return { files: files.length - absent.length, bytes: 0, ms: 0, absent }
    },
  )
  await deliver()
  expect(events).toEqual([])
  tree.add([{ kind: 'delete', to: '/app/deleted', directory: false }])
  writeFileSync(file.from, 'as before')
  await synced
  expect(events).toMatchObject([{ type: 'synced', files: ['/app/deleted', '/app/a'] }])
  expect(sends).toBe(2)
  end()
  rmSync(folder, { recursive: true })
})

test.each(['KUBE_API', 'NODE_AGENT'] as const)(
  'a delivery that %s interrupts is tried again without a save',
  async (code) => {
    const files: SyncFile[] = ['a', 'b'].map((name) => ({ kind: 'write', from: `/src/${name}`, to: `/app/${name}` }))
    let sends = 0
    const { deliver, events, synced, end } = deliveryOf(files, async (_target, part) => {
      sends += 1
      if (sends === 1) throw new DevkError(code, 'the connection broke')
      return { files: part.length, bytes: 0, ms: 0 }
    })
    await deliver()
    await synced
    expect(events).toMatchObject([
      { type: 'failed', during: 'sync' },
      { type: 'synced', files: ['/app/a', '/app/b'] },
    ])
    // Not once for each file: the way was broken, not the files.
    expect(sends).toBe(2)
    end()
  },
)

test('a container that its node does not have, although it is listed as running, is tried again', async () => {
  let sends = 0
  const files: SyncFile[] = [{ kind: 'write', from: '/src/a', to: '/app/a' }]
  const { deliver, events, synced, end } = deliveryOf(files, async (_target, part) => {
    sends += 1
    return sends <= 2 ? 'gone' : { files: part.length, bytes: 0, ms: 0 }
  })
  await deliver()
  await synced
  expect(events).toMatchObject([{ type: 'failed', during: 'sync' }, { type: 'synced' }])
  end()
}, 10_000)

test('files that no container can take are told once, and sent when one runs', async () => {
  const running: SyncTarget[] = []
  const files: SyncFile[] = [{ kind: 'write', from: '/src/a', to: '/app/a' }]
  const { deliver, events, synced, end } = deliveryOf(
    files,
    async (_target, part) => ({ files: part.length, bytes: 0, ms: 0 }),
    { pods: { running: () => running }, lateMs: 20 },
  )
  await deliver()
  await deliver()
  await expect.poll(() => events).toHaveLength(1)
  await deliver()
  running.push(target('new'))
  await deliver()
  await synced
  expect(events).toMatchObject([
    { type: 'warning', warning: { message: 'api: no container runs that could take the files' } },
    { type: 'synced', files: ['/app/a'] },
  ])
  end()
})

test('without files to send, nothing is told about a service without containers', async () => {
  const { deliver, events, end } = deliveryOf([], async () => 'gone', { pods: { running: () => [] }, lateMs: 1 })
  await deliver()
  await sleep(20)
  expect(events).toEqual([])
  end()
})
