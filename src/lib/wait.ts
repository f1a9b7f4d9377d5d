import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'

/** How long to wait, and for what. */
export interface WaitOptions {
  /** Subject of the error message: "Deployment todo/backend". */
  readonly what: string
  readonly timeoutMs: number
  readonly intervalMs?: number
  readonly signal: AbortSignal
  /** Called with each new reason, for a progress display. */
  readonly onReason?: (reason: string) => void
}

/**
 * Polls `check` until it returns undefined. A string is the reason to keep waiting.
 * Throws NOT_READY with the last reason at the deadline, and the signal's reason when aborted.
 */
export async function waitUntil(
  check: (signal: AbortSignal) => Promise<string | undefined>,
  options: WaitOptions,
): Promise<void> {
  const deadline = performance.now() + options.timeoutMs
  let last: string | undefined
  for (;;) {
    options.signal.throwIfAborted()
    const reason = await check(options.signal)
    if (reason === undefined) return
    if (reason !== last) options.onReason?.(reason)
    last = reason
    if (performance.now() >= deadline) {
      const seconds = Math.round(options.timeoutMs / 1000)
      throw new DevkError('NOT_READY', `${options.what} was not ready in ${seconds} s: ${reason}`)
    }
    await sleep(options.intervalMs ?? 250, undefined, { signal: options.signal })
  }
}
