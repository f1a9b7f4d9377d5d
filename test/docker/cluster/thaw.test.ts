import { afterAll, beforeAll, expect, test } from 'vitest'
import { clusterContainers } from '../../../src/cluster/nodes.ts'
import { thawNodes } from '../../../src/cluster/thaw.ts'
import { dockerEngine } from '../../../src/engine/engine.ts'
import { docker } from '../../support/docker.ts'

/** A container that stands for a node. A process of it is frozen, as runc leaves it with control groups v1. */
const cluster = `thaw-${process.pid}`
const label = `io.x-k8s.kind.cluster=${cluster}`
const freeze = `sleep 1000 &
  if [ -d /sys/fs/cgroup/freezer ]; then
    mkdir /sys/fs/cgroup/freezer/inner
    echo $! >/sys/fs/cgroup/freezer/inner/cgroup.procs
    echo FROZEN >/sys/fs/cgroup/freezer/inner/freezer.state
  fi`
const state = 'cat /sys/fs/cgroup/freezer/inner/freezer.state 2>/dev/null || true'

const { signal } = new AbortController()
const engine = dockerEngine(process.env)
let id: string

beforeAll(async () => {
  id = await docker('run', '-d', '--privileged', '--label', label, 'kit/debian:bookworm', 'sleep', 'infinity')
})
afterAll(async () => {
  await docker('exec', id, 'sh', '-c', 'echo THAWED >/sys/fs/cgroup/freezer/inner/freezer.state').catch(() => '')
  await docker('rm', '-f', '-v', id).catch(() => '')
})

test('a paused node goes on when it is started', async () => {
  await docker('pause', id)
  await engine.containers.start(id, signal)
  expect(await docker('inspect', '--format', '{{.State.Status}}', id)).toBe('running')
})

test('what is frozen in a paused node is thawed, and the node is removed', async () => {
  await docker('exec', id, 'sh', '-ec', freeze)
  await docker('pause', id)
  const nodes = await clusterContainers(engine, cluster, signal)
  expect(nodes.map((node) => node.state)).toEqual(['paused'])
  await thawNodes(engine, nodes, signal)
  expect(await docker('exec', id, 'sh', '-c', state)).not.toBe('FROZEN')
  await engine.containers.remove(id, signal)
  expect(await clusterContainers(engine, cluster, signal)).toEqual([])
})
