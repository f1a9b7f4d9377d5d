import { DevkError } from '../errors.ts'
import { acquireLock, type Lock, type LockOptions } from '../state/lock.ts'

/** The lock of the kit, and what to do while another devk has it. */
export interface TurnOptions extends Pick<LockOptions, 'path' | 'command' | 'signal'> {
  /** Whether the other one has built everything meanwhile. */
  isDone(): Promise<boolean>
  /** Called with each devk that has the lock: `devk kit build loki (pid 7)`. */
  onWait(holder: string): void
  /** How often `isDone` is called (ms). */
  readonly everyMs?: number
}

/**
 * All builds of the kit on this machine share folders and image names, so only one runs at a time. Resolves with the
 * lock, or with undefined as soon as there is nothing left to build. Throws the reason of the signal.
 */
export async function kitTurn({ isDone, onWait, everyMs = 3000, ...lock }: TurnOptions): Promise<Lock | undefined> {
  let last = ''
  const onHeld = (holder: string) => {
    if (holder !== last) onWait(holder)
    last = holder
  }
  for (;;) {
    try {
      return await acquireLock({ ...lock, pid: process.pid, wait: everyMs, onHeld })
    } catch (error) {
      if (!(error instanceof DevkError) || error.code !== 'LOCKED') throw error
      if (await isDone()) return undefined
    }
  }
}
