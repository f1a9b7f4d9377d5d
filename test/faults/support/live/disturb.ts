import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../../e2e/support/eventually.ts'
import { killAgents } from '../../../e2e/support/pods/sync-agents.ts'
import { docker } from '../../../support/docker.ts'
import { runningIn } from '../../oracle/pods.ts'
import type { Random } from '../random.ts'
import type { LiveCluster } from './cluster.ts'

/** Something that happens to a service from outside. */
export type Disturbance = (live: LiveCluster, project: string, random: Random) => Promise<void>

const tasks = '/run/containerd/io.containerd.runtime.v2.task/k8s.io'

/** A paused node, which another run may have paused, answers later. */
function onNode(act: () => Promise<unknown>): Promise<true> {
  return eventually<true>('an answer of the node', 60, async () => {
    await act()
    return true
  })
}

/** Deletes one of the pods, at once or with its grace period. */
export const deletePod: Disturbance = async ({ cluster, server }, project, random) => {
  const flags = random.chance(0.5) ? ['--grace-period=0', '--force'] : []
  const [first] = await runningIn(server, project)
  const remove = (pod: string) => cluster.kubectl('delete', 'pod', pod, '--wait=false', '--ignore-not-found', ...flags)
  if (first) await onNode(() => remove(first.pod))
}

/** Deletes all pods. */
export const deleteAll: Disturbance = async ({ cluster }, project) => {
  await onNode(() => cluster.kubectl('delete', 'pod', '-l', `devk.dev/project=${project}`, '--wait=false'))
}

/** Kills the process of one container. */
export const killContainer: Disturbance = async ({ cluster, server }, project) => {
  const [first] = await runningIn(server, project)
  const kill = `kill -9 $(cat ${tasks}/${first?.id}/init.pid) || true`
  if (first) await onNode(() => docker('exec', cluster.node, 'sh', '-c', kill))
}

/** Replaces all pods by new ones, as a change of the manifest does. */
export const rollOut: Disturbance = async ({ cluster }, project, random) => {
  const template = { metadata: { annotations: { 'example.com/rollout': random.text(8) } } }
  await onNode(() => cluster.kubectl('patch', 'deployment', project, '-p', JSON.stringify({ spec: { template } })))
}

/** Kills devk's agents on the node. */
export const killSyncAgents: Disturbance = async ({ cluster }) => {
  await onNode(() => killAgents(cluster.node))
}

/** The node does not answer for a while. */
export const pauseNode: Disturbance = async ({ cluster }, _project, random) => {
  const ms = random.int(200, 3000)
  await onNode(() => docker('pause', cluster.node))
  await sleep(ms).finally(() => docker('unpause', cluster.node))
}

/** The container runtime and the kubelet start again; containers go on. */
export const restartRuntime: Disturbance = async ({ cluster }) => {
  await onNode(() => docker('exec', cluster.node, 'systemctl', 'restart', 'containerd', 'kubelet'))
}
