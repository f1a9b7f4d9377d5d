import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DevkError } from '../../../src/errors.ts'
import { delivery } from '../../../src/loop/deliver.ts'
import type { SessionEvent } from '../../../src/loop/events.ts'
import { pendingTree } from '../../../src/sync/pending-tree.ts'
import type { SyncFile, SyncTarget } from '../../../src/sync/syncer.ts'

const target = (containerId: string): SyncTarget => ({
  service: 'api',
  pod: { namespace: 'n', name: `pod-${containerId}` },
  container: 'main',
  containerId,
  node: 'node',
})

test('a file that was away when it was to be sent, and comes back as it was, is sent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'devk-deliver-'))
  const file: SyncFile = { kind: 'write', from: join(folder, 'a'), to: '/app/a' }
  const events: SessionEvent[] = []
  const tree = pendingTree()
  const done = new AbortController()
  tree.add([file, { kind: 'write', from: join(folder, 'deleted'), to: '/app/deleted' }])
  let sends = 0
  const synced = Promise.withResolvers<void>()
  const { deliver } = delivery(
    {
      service: 'api',
      tree,
      pods: { running: () => [target('works')] },
      syncer: {
        async send(_target, files) {
          sends += 1
          const absent = files.filter((each) => each.kind === 'write' && !existsSync(each.from))
          return { files: files.length - absent.length, bytes: 0, ms: 0, absent }
        },
      },
      report(event) {
        events.push(event)
        synced.resolve()
      },
    },
    done.signal,
  )
  await deliver()
  expect(events).toEqual([])
  tree.add([{ kind: 'delete', to: '/app/deleted', directory: false }])
  writeFileSync(file.from, 'as before')
  await synced.promise
  expect(events).toMatchObject([{ type: 'synced', files: ['/app/deleted', '/app/a'] }])
  expect(sends).toBe(2)
  done.abort()
  rmSync(folder, { recursive: true })
})

test.each(['KUBE_API', 'NODE_AGENT'] as const)(
  'a delivery that %s interrupts is tried again without a save',
  async (code) => {
    const events: SessionEvent[] = []
    const tree = pendingTree()
    const done = new AbortController()
    const files: SyncFile[] = ['a', 'b'].map((name) => ({ kind: 'write', from: `/src/${name}`, to: `/app/${name}` }))
    tree.add(files)
    let sends = 0
    const synced = Promise.withResolvers<void>()
    const { deliver } = delivery(
      {
        service: 'api',
        tree,
        pods: { running: () => [target('works')] },
        syncer: {
          async send(_target, part) {
            sends += 1
            if (sends === 1) throw new DevkError(code, 'the connection broke')
            return { files: part.length, bytes: 0, ms: 0 }
          },
        },
        report(event) {
          events.push(event)
          if (event.type === 'synced') synced.resolve()
        },
      },
      done.signal,
    )
    await deliver()
    await synced.promise
    expect(events).toMatchObject([
      { type: 'failed', during: 'sync' },
      { type: 'synced', files: ['/app/a', '/app/b'] },
    ])
    // Not once for each file: the way was broken, not the files.
    expect(sends).toBe(2)
    done.abort()
  },
)
