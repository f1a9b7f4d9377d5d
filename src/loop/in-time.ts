import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import { duration } from '../lib/text.ts'

/** A container does not answer, or its node does not have it. That is not because of the files. */
export class Unreached extends DevkError {
  constructor(message: string) {
    super('SYNC_FAILED', message, {
      hint: 'Something hangs in the container or on its node. devk tries again by itself; devk restart replaces pods.',
    })
  }
}

/** How long something may take. */
export interface TimeLimits {
  /** Who it is that takes long: `web-1 (main)`. */
  readonly who: string
  /** Called once if it takes longer than `lateMs`. */
  readonly onLate: () => void
  readonly lateMs: number
  readonly limitMs: number
}

/** Runs `run` with a signal that ends with it. Throws Unreached when it takes longer than the limit. */
export async function inTime<T>(
  { who, onLate, lateMs, limitMs }: TimeLimits,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const done = new AbortController()
  const either = AbortSignal.any([signal, done.signal])
  const timer = setTimeout(onLate, lateMs).unref()
  const over = sleep(limitMs, undefined, { signal: either, ref: false }).then(() => {
    throw new Unreached(`${who} did not take the files within ${duration(limitMs)}`)
  })
  try {
    return await Promise.race([run(either), over])
  } finally {
    clearTimeout(timer)
    done.abort()
    over.catch(() => {})
  }
}

/**
 * Returns a function that is told whether files wait for a container to run. It calls `onLate` once each time when they
 * have waited for `lateMs`.
 */
export function containerWait(onLate: () => void, lateMs: number, signal: AbortSignal): (waits: boolean) => void {
  let timer: NodeJS.Timeout | undefined
  const stop = () => {
    clearTimeout(timer)
    timer = undefined
  }
  signal.addEventListener('abort', stop, { once: true })
  return (waits) => {
    if (!waits) stop()
    else if (!signal.aborted) timer ??= setTimeout(onLate, lateMs).unref()
  }
}

/** Resolves when all work has ended, or after some time. */
export async function endedOrLate(work: readonly Promise<unknown>[], ms: number): Promise<void> {
  const done = new AbortController()
  const late = sleep(ms, undefined, { signal: done.signal, ref: false }).catch(() => {})
  await Promise.race([Promise.all(work), late])
  done.abort()
}
