import type { ContainerInfo } from '../engine/api.ts'
import type { ClusterEngine } from './nodes.ts'

/** How long a node may take (ms). One that does not answer is removed as it is. */
const patienceMs = 5000

/** A control group is the node's own if the node sees a process of it. */
const script = `for state in $(grep -lrs --include=freezer.state FROZEN /sys/fs/cgroup/freezer); do
  read -r pid <"\${state%/*}/cgroup.procs" && echo THAWED >"$state"
done; true`

/**
 * Lets what is frozen in nodes go on, so that the nodes can be removed. With control groups v1, runc freezes a
 * container to end it. If the container runtime is killed at that moment, the container stays frozen, does not end when
 * it is killed, and the engine cannot remove the node around it.
 */
export async function thawNodes(
  engine: Pick<ClusterEngine, 'containers' | 'exec'>,
  nodes: readonly ContainerInfo[],
  signal: AbortSignal,
  limitMs = patienceMs,
): Promise<void> {
  await Promise.all(
    nodes.map(async ({ id, state }) => {
      if (state !== 'running' && state !== 'paused') return
      const soon = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
      try {
        if (state === 'paused') await engine.containers.start(id, soon)
        await engine.exec.run(id, ['sh', '-c', script], {}, soon)
      } catch {
        signal.throwIfAborted()
      }
    }),
  )
}
