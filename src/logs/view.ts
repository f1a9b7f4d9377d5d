import type { ContainerStatus, Pod } from '../kube/pod.ts'

/** What matters of a container for its log. */
export interface ContainerView {
  /** How often it was restarted: tells its runs, and with them its log files, apart. */
  readonly runs: number
  /** Whether there is a log. */
  readonly started: boolean
  readonly running: boolean
  /** Its pod was removed: there will be no further run. */
  readonly gone: boolean
}

/** The containers of a pod, in the order in which they start, as seen in its status. Pure. */
export function containerViews(pod: Pod): Map<string, ContainerView> {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  return new Map(statuses.map((status) => [status.name, viewOf(status)]))
}

function viewOf({ state, lastState, restartCount }: ContainerStatus): ContainerView {
  const running = state?.running !== undefined
  const started = running || state?.terminated !== undefined || lastState?.terminated !== undefined
  return { runs: restartCount ?? 0, started, running, gone: false }
}

/** A value that changes, and can be waited for. */
export interface Cell<T> {
  get(): T
  set(value: T): void
  /** Resolves at the next `set`, or when the signal is aborted. */
  next(signal: AbortSignal): Promise<void>
}

export function cell<T>(first: T): Cell<T> {
  let value = first
  let waiting = Promise.withResolvers<void>()
  return {
    get: () => value,
    set(next) {
      value = next
      waiting.resolve()
      waiting = Promise.withResolvers()
    },
    next(signal) {
      if (signal.aborted) return Promise.resolve()
      const changed = waiting.promise
      return new Promise((resolve) => {
        const done = () => {
          signal.removeEventListener('abort', done)
          resolve()
        }
        signal.addEventListener('abort', done)
        void changed.then(done)
      })
    },
  }
}
