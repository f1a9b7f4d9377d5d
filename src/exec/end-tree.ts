import { setTimeout as sleep } from 'node:timers/promises'
import { descendants, endAll } from './descendants.ts'

/** How long programs may take to end by themselves (ms). */
const graceMs = 500

/**
 * Ends a child of this process and all that it has started: first with SIGTERM, then with SIGKILL. The child is stopped
 * before that, so that it starts nothing more. `ended` resolves when it has ended.
 */
export async function endTree(platform: NodeJS.Platform, pid: number, ended: Promise<unknown>): Promise<void> {
  type Found = ReturnType<typeof descendants>[number]
  const below = new Map<string, Found>()
  const find = () => {
    const before = below.size
    for (const each of descendants(platform, pid)) below.set(`${each.pid} ${each.started}`, each)
    return below.size > before
  }
  find()
  for (const each of [pid, ...[...below.values()].map((found) => found.pid)]) send(each, 'SIGTERM')
  await Promise.race([ended, sleep(graceMs)])
  // Among our own children, the number is not yet that of another process.
  const child = descendants(platform).find((found) => found.pid === pid)
  if (child !== undefined) {
    send(pid, 'SIGSTOP')
    while (find()) endAll(platform, [...below.values()])
  }
  endAll(platform, [...below.values(), ...(child === undefined ? [] : [child])])
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended in the meantime.
  }
}
