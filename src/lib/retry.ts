import { setTimeout as sleep } from 'node:timers/promises'

export interface RetryOptions {
  /** Milliseconds before the second attempt, the third, and so on; there are no more. */
  readonly pausesMs: readonly number[]
  /** Whether another attempt may end better than this error. */
  readonly mayPass: (error: unknown) => boolean
  /** Called before each pause. */
  readonly onPause: (error: unknown, pauseMs: number) => void
  readonly signal: AbortSignal
}

/** What `run` gives, at its first attempt or a later one. Rejects with the last error, and with the signal's reason when aborted. */
export async function retried<T>(run: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (const pauseMs of options.pausesMs) {
    try {
      return await run()
    } catch (error) {
      options.signal.throwIfAborted()
      if (!options.mayPass(error)) throw error
      options.onPause(error, pauseMs)
      await sleep(pauseMs, undefined, { signal: options.signal })
    }
  }
  return run()
}
