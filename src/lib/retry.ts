import { setTimeout as sleep } from 'node:timers/promises'

/** When and how often to try again. */
export interface RetryOptions {
  /** Milliseconds before the second attempt, the third, and so on. The number of pauses limits the attempts. */
  readonly pausesMs: readonly number[]
  /** Whether another attempt may succeed after this error. */
  readonly mayPass: (error: unknown) => boolean
  /** Called before each pause. */
  readonly onPause: (error: unknown, pauseMs: number) => void
  readonly signal: AbortSignal
}

/** Runs `run` until it succeeds, and returns its result. Throws the last error, or the signal's reason when aborted. */
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
