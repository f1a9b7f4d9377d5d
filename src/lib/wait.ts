import type { Writable } from 'node:stream'
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

/** How long to look for something. */
export interface SearchOptions {
  readonly timeoutMs: number
  readonly intervalMs: number
  /** The error if nothing is found in time. */
  readonly late: () => DevkError
  readonly signal: AbortSignal
}

/**
 * Looks for something until it is there. Throws `late` at the deadline, what `look` throws, and the signal's reason
 * when aborted.
 */
export async function untilFound<T>(
  look: () => Promise<T | undefined>,
  { timeoutMs, intervalMs, late, signal }: SearchOptions,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw late()
    await sleep(intervalMs, undefined, { signal })
  }
}

/** Waits for a promise, or throws the signal's reason when it is aborted before. What the promise waits for goes on. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // When nobody waits for it, a failure of it is nobody's. Node would end the process for it.
  promise.catch(() => {})
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Resolves when a stream accepts data again, or is closed. */
export function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done)
      resolve()
    }
    stream.on('drain', done).on('close', done)
  })
}
