import { expect, test } from 'vitest'
import { delivery } from '../../../src/loop/deliver.ts'
import type { SessionEvent } from '../../../src/loop/events.ts'
import { pendingTree } from '../../../src/sync/pending-tree.ts'
import type { SyncFile, SyncResult } from '../../../src/sync/syncer.ts'
import { target } from './deliver-support.ts'

const file = (name: string): SyncFile => ({ kind: 'write', from: `/src/${name}`, to: `/app/${name}` })

/** Two containers: one takes files at once, the other one hangs until the test releases it. */
function start(deadlineMs: number, patienceMs: number, lateMs = 60_000) {
  const log: string[] = []
  const tree = pendingTree()
  const held: (() => void)[] = []
  const { deliver } = delivery(
    {
      service: 'api',
      tree,
      pods: { running: () => [target('hangs'), target('works')] },
      syncer: {
        send({ containerId }, files, signal) {
          const result: SyncResult = { files: files.length, bytes: 0, ms: 0 }
          log.push(`${containerId} gets ${files.map(({ to }) => to).join(' ')}`)
          if (containerId === 'works') return Promise.resolve(result)
          signal.addEventListener('abort', () => log.push(`${containerId} is aborted`))
          return new Promise((resolve) => held.push(() => resolve(result)))
        },
      },
      report: (event) => log.push(textOf(event)),
      deadlineMs,
      patienceMs,
      lateMs,
    },
    new AbortController().signal,
  )
  const saves = async (...names: string[]) => {
    tree.add(names.map(file))
    await deliver()
  }
  return { log, saves, release: () => held.shift()?.() }
}

function textOf(event: SessionEvent): string {
  if (event.type === 'warning') return `warning: ${event.warning.message}`
  if (event.type === 'failed') return `failed: ${(event.error as Error).message}`
  return event.type === 'synced' ? `synced ${event.files.join(' ')}` : event.type
}

const lateText = 'failed: pod-hangs (main) did not take the files within 20 ms'

test('a container that hangs is reported once after a deadline, and the others have their files', async () => {
  const { log, saves } = start(20, 5000)
  await saves('a', 'b', 'c')
  expect(log).toEqual([
    'hangs gets /app/a /app/b /app/c',
    'works gets /app/a /app/b /app/c',
    'hangs is aborted',
    lateText,
    'synced /app/a /app/b /app/c',
  ])
})

test('while a container hangs, the others get later saves, and it gets them as soon as it goes on', async () => {
  const { log, saves, release } = start(60_000, 1)
  await saves('a')
  await saves('b')
  expect(log).toEqual(['hangs gets /app/a', 'works gets /app/a', 'synced /app/a', 'works gets /app/b', 'synced /app/b'])
  log.length = 0
  release()
  await expect.poll(() => log).toContain('hangs gets /app/b')
  release()
  await expect.poll(() => log).toContain('synced /app/b')
  expect(log).toEqual(['hangs is aborted', 'synced /app/a', 'hangs gets /app/b', 'hangs is aborted', 'synced /app/b'])
})

test('a container that hung until the deadline is tried again by itself, and is reported once', async () => {
  const { log, saves, release } = start(400, 1)
  await saves('a')
  await expect.poll(() => log).toContain(lateText.replace('20 ms', '400 ms'))
  release()
  log.length = 0
  await expect.poll(() => log, { timeout: 5000 }).toContain('hangs gets /app/a')
  release()
  await expect.poll(() => log).toContain('synced /app/a')
  expect(log.filter((line) => line.startsWith('failed'))).toEqual([])
})

test('a container that takes long is told before the deadline', async () => {
  const { log, saves, release } = start(60_000, 1, 10)
  await saves('a')
  await expect.poll(() => log).toContain('warning: api: pod-hangs (main) has not taken the files for 10 ms')
  release()
  await expect.poll(() => log.filter((line) => line === 'synced /app/a')).toHaveLength(2)
})
