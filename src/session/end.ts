import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import { duration } from '../lib/text.ts'
import { isRunning } from './background.ts'
import { askStop, readSession } from './follow.ts'
import type { EndedBy } from './session.ts'
import type { SessionState } from './state.ts'

/** How long a devk may take to end, and between two looks, milliseconds. It waits for what it writes to the cluster. */
const patienceMs = 60_000
const paceMs = 100

/** A running devk, and where it listens. */
export interface RunningSession {
  readonly socket: string
  readonly state: SessionState
}

/**
 * Ends the devk that holds a stack, and waits until it has ended. Returns false if it brings the stack up and cannot
 * end yet. Throws NOT_READY if it does not end.
 */
export async function endSession(
  { socket, state }: RunningSession,
  by: EndedBy,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(await askStop(socket, by, signal))) return false
  const deadline = performance.now() + patienceMs
  // One in the background has nobody who waits for its process.
  const runs = async () =>
    (await readSession(socket, signal))?.pid === state.pid || (state.background && isRunning(state.pid))
  while (await runs()) {
    if (performance.now() > deadline) {
      const hint = `It may wait for the cluster. kill ${state.pid} ends it as well.`
      throw new DevkError('NOT_READY', `${sessionName(state)} has not ended in ${duration(patienceMs)}`, { hint })
    }
    await sleep(paceMs, undefined, { signal })
  }
  return true
}

/** `devk up (pid 7)`. */
export const sessionName = ({ command, pid }: Pick<SessionState, 'command' | 'pid'>): string =>
  `${command} (pid ${pid})`
