import { DevkError } from '../errors.ts'
import { Unreached } from './in-time.ts'

/** Deliveries that failed because the way to a container broke, and not because of the files. */
export interface Interruptions {
  /** Whether an error is of this kind: the API server, the kubelet, the agent or the container did not answer. */
  includes(error: unknown): boolean
  /** Calls back for this container after a pause that grows with each call, until it ended. */
  retryLater(containerId: string): void
  /** The container is up to date. */
  ended(containerId: string): void
}

const firstPauseMs = 500
const longestPauseMs = 10_000

/** Calls `onRetry` with the containers that are to be tried again, until the signal. */
export function interruptions(onRetry: (containerId: string) => void, signal: AbortSignal): Interruptions {
  const attempts = new Map<string, number>()
  return {
    includes: (error) =>
      error instanceof Unreached ||
      (error instanceof DevkError && (error.code === 'KUBE_API' || error.code === 'NODE_AGENT')),
    retryLater(containerId) {
      const before = attempts.get(containerId) ?? 0
      attempts.set(containerId, before + 1)
      const pause = Math.min(firstPauseMs * 2 ** before, longestPauseMs)
      const timer = setTimeout(() => {
        if (!signal.aborted) onRetry(containerId)
      }, pause)
      timer.unref()
    },
    ended: (containerId) => void attempts.delete(containerId),
  }
}
