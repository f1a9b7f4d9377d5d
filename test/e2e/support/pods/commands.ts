import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { ignoreRules } from '../../../../src/images/build/ignore.ts'
import type { Kube, PodStreams } from '../../../../src/kube/api.ts'
import type { SessionEvent } from '../../../../src/loop/events.ts'
import { nodeSyncer } from '../../../../src/sync/node-syncer.ts'
import { agentsOfCheckout } from '../../../support/agents.ts'
import type { TestCluster } from '../test-cluster.ts'
import { startDevSession } from './dev-session.ts'
import { agentsOn } from './sync-agents.ts'

/** How to reach the cluster, and the folder on this machine with the source of the service. */
interface Given {
  readonly kube: Kube
  readonly streams: PodStreams
  readonly source: string
}

/** Commands that follow a sync, in the Deployment `backend`. */
export async function proveCommands(cluster: TestCluster, { kube, streams, source }: Given): Promise<void> {
  mkdirSync(join(source, 'app'), { recursive: true })
  writeFileSync(join(source, 'app', 'lock'), 'one')
  const place = { place: 1, timeoutMs: 60_000 }
  const script = 'grep -q good /app/lock || { echo no such package >&2; exit 4; }; cp /app/lock /app/installed'
  const after = [
    { command: { argv: ['sh', '-c', script], text: 'install', ...place }, when: ignoreRules('lock') },
    { command: { argv: ['cp', '/app/installed', '/app/second'], text: 'copy', ...place, place: 2 }, when: undefined },
  ]
  const own = agentsOfCheckout()
  const seen: SessionEvent[] = []
  const onEvent = (event: SessionEvent) => void seen.push(event)
  const before = await agentsOn(cluster.node)
  const syncer = nodeSyncer(own, (node) => node)
  const session = startDevSession(kube, { syncer, source, after, streams, onEvent })
  await session.waitForEvent((event) => event.type === 'watching')
  await session.waitForContainer()
  // The agent is there before the first save.
  while ((await agentsOn(cluster.node)).length === before.length) await sleep(100)
  expect(seen.filter(({ type }) => type === 'synced')).toEqual([])

  writeFileSync(join(source, 'app', 'lock'), 'bad')
  await session.waitForEvent((event) => event.type === 'ran' && event.problem === 'failed with exit code 4')
  expect(seen.find(({ type }) => type === 'ran')).toMatchObject({ command: 'install', output: 'no such package\n' })
  writeFileSync(join(source, 'app', 'lock'), 'good')
  await session.waitForEvent((event) => event.type === 'ran' && event.command === 'copy' && !event.problem)
  expect(await cluster.kubectl('exec', 'deploy/backend', '--', 'cat', '/app/installed', '/app/second')).toBe('goodgood')

  // The successor of the container has neither the files nor what the commands made.
  await cluster.kubectl('delete', 'pod', '-l', 'devk.dev/service=backend', '--grace-period=0', '--force')
  await session.waitForEvent((event) => event.type === 'ran' && event.command === 'copy' && !event.problem)
  expect(await cluster.kubectl('exec', 'deploy/backend', '--', 'cat', '/app/second')).toBe('good')
  await session.end()
  own.close()
}
