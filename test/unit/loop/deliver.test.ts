import { expect, test } from 'vitest'
import { delivery } from '../../../src/loop/deliver.ts'
import type { SessionEvent } from '../../../src/loop/events.ts'
import { pendingTree } from '../../../src/sync/pending-tree.ts'
import type { SyncTarget } from '../../../src/sync/syncer.ts'

const target = (containerId: string): SyncTarget => ({
  service: 'api',
  pod: { namespace: 'n', name: `pod-${containerId}` },
  container: 'main',
  containerId,
  node: 'node',
})

test('a container that hangs is told after a deadline, and the others have their files', async () => {
  const events: SessionEvent[] = []
  const tree = pendingTree()
  tree.add([{ kind: 'write', from: '/src/a', to: '/app/a' }])
  const aborted: string[] = []
  const { deliver } = delivery(
    {
      service: 'api',
      tree,
      pods: { running: () => [target('hangs'), target('works')] },
      syncer: {
        send({ containerId }, files, signal) {
          if (containerId === 'works') return Promise.resolve({ files: files.length, bytes: 0, ms: 0 })
          signal.addEventListener('abort', () => aborted.push(containerId))
          return new Promise(() => {})
        },
      },
      report: (event) => events.push(event),
      deadlineMs: 20,
    },
    new AbortController().signal,
  )
  await deliver()
  expect(events.map(({ type }) => type)).toEqual(['failed', 'synced'])
  expect(String((events[0] as { error?: unknown }).error)).toContain('pod-hangs (main) did not take the files within')
  expect(aborted).toEqual(['hangs'])
})
