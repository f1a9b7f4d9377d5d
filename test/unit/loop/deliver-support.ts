import { type DeliverDeps, delivery } from '../../../src/loop/deliver.ts'
import type { SessionEvent } from '../../../src/loop/events.ts'
import { pendingTree } from '../../../src/sync/pending-tree.ts'
import type { Syncer, SyncFile, SyncTarget } from '../../../src/sync/syncer.ts'

/** A container of the service. */
export const target = (containerId: string): SyncTarget => ({
  service: 'api',
  pod: { namespace: 'n', name: `pod-${containerId}` },
  container: 'main',
  containerId,
  node: 'node',
})

/** The delivery of these files to one container, what it reported, and the first time that it reported a sync. */
export function deliveryOf(
  files: readonly SyncFile[],
  send: Syncer['send'],
  more: Partial<Pick<DeliverDeps, 'pods' | 'lateMs'>> = {},
) {
  const events: SessionEvent[] = []
  const tree = pendingTree()
  const done = new AbortController()
  const synced = Promise.withResolvers<void>()
  tree.add(files)
  const { deliver } = delivery(
    {
      service: 'api',
      tree,
      pods: { running: () => [target('works')] },
      ...more,
      syncer: { send },
      report(event) {
        events.push(event)
        if (event.type === 'synced') synced.resolve()
      },
    },
    done.signal,
  )
  return { deliver, tree, events, synced: synced.promise, end: () => done.abort() }
}
