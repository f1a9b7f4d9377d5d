import { setTimeout as sleep } from 'node:timers/promises'
import { descendants, endAll, gathered, send } from './descendants.ts'

/** How long programs may take to end by themselves (ms). */
const graceMs = 500

/**
 * Ends a child of this process and all that it has started: first with SIGTERM, then with SIGKILL. The child is stopped
 * before that, so that it starts nothing more. `ended` resolves when it has ended.
 */
export async function endTree(platform: NodeJS.Platform, pid: number, ended: Promise<unknown>): Promise<void> {
  const below = gathered(() => descendants(platform, pid))
  below.find()
  for (const each of [pid, ...below.all().map((found) => found.pid)]) send(each, 'SIGTERM')
  await Promise.race([ended, sleep(graceMs)])
  // Among our own children, the number is not yet that of another process.
  const child = descendants(platform).find((found) => found.pid === pid)
  if (child !== undefined) {
    send(pid, 'SIGSTOP')
    while (below.find()) endAll(platform, below.all())
  }
  endAll(platform, [...below.all(), ...(child === undefined ? [] : [child])])
}
