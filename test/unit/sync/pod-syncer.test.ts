import { expect, test } from 'vitest'
import { DevkError } from '../../../src/errors.ts'
import { pickSyncer } from '../../../src/sync/pod-syncer.ts'
import type { Syncer, SyncTarget } from '../../../src/sync/syncer.ts'

const { signal } = new AbortController()
const target = (node: string): SyncTarget => ({
  service: 'web',
  pod: { namespace: 'shop', name: 'web-1' },
  container: 'web',
  containerId: 'abc',
  node,
})

/** A syncer that records the nodes of its calls, and fails with this error. */
function noting(failure?: DevkError): Syncer & { readonly nodes: string[] } {
  const nodes: string[] = []
  return {
    nodes,
    prepare: (to) => void nodes.push(`prepares ${to.node}`),
    async send(to) {
      nodes.push(to.node)
      if (failure !== undefined) throw failure
      return { files: 1, bytes: 1, ms: 1 }
    },
  }
}

test('local nodes are synced by the agent, and others by tar', async () => {
  const [agent, tar] = [noting(), noting()]
  const syncer = pickSyncer(agent, tar, (node) => node === 'here')
  for (const node of ['here', 'there', 'here']) await syncer.send(target(node), [], signal)
  expect([agent.nodes, tar.nodes]).toEqual([['here', 'here'], ['there']])
})

test('a sync that the agent cannot do goes by tar, and the next one tries the agent again', async () => {
  const [agent, tar] = [noting(new DevkError('NODE_AGENT', 'no Go')), noting()]
  const syncer = pickSyncer(agent, tar, () => true)
  for (let i = 0; i < 2; i++) await syncer.send(target('here'), [], signal)
  expect([agent.nodes, tar.nodes]).toEqual([
    ['here', 'here'],
    ['here', 'here'],
  ])
})

test('a file that cannot be written does not lead to the other syncer', async () => {
  const [agent, tar] = [noting(new DevkError('SYNC_FAILED', 'read-only')), noting()]
  await expect(pickSyncer(agent, tar, () => true).send(target('here'), [], signal)).rejects.toThrow('read-only')
  expect(tar.nodes).toEqual([])
})

test('only the agents of local nodes are started before the first sync', () => {
  const [agent, tar] = [noting(), noting()]
  const syncer = pickSyncer(agent, tar, (node) => node === 'here')
  for (const node of ['here', 'there']) syncer.prepare?.(target(node))
  expect([agent.nodes, tar.nodes]).toEqual([['prepares here'], []])
})
