import type { ContainerStatus, Pod } from '../kube/pod.ts'

/** The state of a container, as far as its log depends on it. */
export interface ContainerView {
  /** How often it was restarted. Each run has its own log file. */
  readonly runs: number
  /** Whether it has started at least once, and so has a log. */
  readonly started: boolean
  readonly running: boolean
  /** Its pod was deleted: no further run will follow. */
  readonly gone: boolean
}

/** The containers in the status of a pod, by name, in the order in which they start. Pure. */
export function containerViews(pod: Pod): Map<string, ContainerView> {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  return new Map(statuses.map((status) => [status.name, viewOf(status)]))
}

/** Marks the lines of pods with several containers. Pure. */
export function markOf(pod: Pod): { readonly several?: true } {
  const { initContainers = [], containers = [] } = pod.spec ?? {}
  return initContainers.length + containers.length > 1 ? { several: true } : {}
}

function viewOf({ state, lastState, restartCount }: ContainerStatus): ContainerView {
  const running = state?.running !== undefined
  const started = running || state?.terminated !== undefined || lastState?.terminated !== undefined
  return { runs: restartCount ?? 0, started, running, gone: false }
}

/** A value whose changes can be awaited. */
export interface Cell<T> {
  get(): T
  set(value: T): void
  /** Resolves at the next `set`, or when the signal is aborted. */
  next(signal: AbortSignal): Promise<void>
}

/** Creates a cell with its first value. */
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
