import { setTimeout as sleep } from 'node:timers/promises'
import { runningIn } from '../../oracle/pods.ts'
import type { LiveCluster } from './cluster.ts'

/** How long the same containers may run without what is waited for, and how long the cluster may take for one (s). */
const limits = { devk: 45, cluster: 240 }

/**
 * Waits for what devk does with the running containers of a project. Only the time counts in which the API server
 * answers and lists the same running containers: before a new pod runs, or while the node stands still, there is nothing
 * to do it with.
 */
export async function inTime(
  what: string,
  { server }: LiveCluster,
  project: string,
  isDone: () => true | undefined,
): Promise<void> {
  const end = Date.now() + limits.cluster * 1000
  let since = Date.now()
  let before = ''
  while (isDone() === undefined) {
    const ids = await runningIn(server, project).then(
      (running) => running.map(({ id }) => id).sort(),
      () => [],
    )
    if (ids.length === 0 || ids.join() !== before) since = Date.now()
    before = ids.join()
    if (Date.now() - since > limits.devk * 1000) throw new Error(`${what} did not happen in ${limits.devk} s`)
    if (Date.now() > end) throw new Error(`${what} did not happen: the cluster has not brought a lasting container`)
    await sleep(50)
  }
}
