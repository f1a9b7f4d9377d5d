import { setTimeout as sleep } from 'node:timers/promises'
import { endAll, gathered, groupMembers } from './descendants.ts'

/** How long programs may take to end by themselves (ms). devk itself exits two seconds after Ctrl-C. */
const graceMs = 1200
const pollMs = 25

/** The groups that must not outlive devk. */
const owned = new Set<number>()
let isHooked = false

/** From now on the process group ends with devk, however devk exits. Call it as soon as its leader runs. */
export function ownGroup(platform: NodeJS.Platform, leader: number): void {
  owned.add(leader)
  if (isHooked) return
  isHooked = true
  process.once('exit', () => {
    for (const each of owned) endAll(platform, groupMembers(platform, each))
  })
}

/**
 * Ends a process group, and all that its members have started: first with SIGTERM, then with SIGKILL. Call it while the
 * leader runs, or at once when it has ended: later, the number may be that of another group.
 */
export async function endGroup(platform: NodeJS.Platform, leader: number): Promise<void> {
  const members = gathered(() => groupMembers(platform, leader))
  members.find()
  endAll(platform, members.all(), 'SIGTERM')
  const end = performance.now() + graceMs
  while (performance.now() < end && endAll(platform, members.all(), 0).length > 0) {
    await sleep(pollMs)
    members.find()
  }
  do endAll(platform, members.all())
  while (members.find())
  owned.delete(leader)
}
