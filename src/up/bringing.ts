/** The stack that comes up while the loop already runs. */
export interface Bringing<T> {
  /** Resolves when the stack is up for the first time. Never rejects; stays pending when that never happens. */
  readonly up: Promise<T>
  /** The sources or the cluster changed: starts over, unless the stack was up already. */
  again(): void
  /** Starts over if the last attempt has failed. */
  retry(): void
  /** Ends the attempt that runs; resolves when it has ended. `again` continues. */
  stop(): Promise<void>
}

/** How to bring the stack up. */
export interface BringingOptions<T> {
  /** The attempt that runs already, and what ends it. */
  readonly first: { readonly work: Promise<T>; readonly stop: AbortController }
  run(signal: AbortSignal): Promise<T>
  /** Called for each attempt that failed by itself. */
  onFailed(error: unknown): void
}

/**
 * Brings the stack up for as long as it takes. A save may need a build of its own meanwhile: the attempt that runs then
 * starts over, since it compared older sources with the cluster. Ends with the signal.
 */
export function bringing<T>({ first, run, onFailed }: BringingOptions<T>, signal: AbortSignal): Bringing<T> {
  const up = Promise.withResolvers<T>()
  let isUp = false
  let stopper = first.stop
  let running = true
  let last = follow(first.work, first.stop)

  function follow(work: Promise<T>, own: AbortController): Promise<void> {
    return work.then(
      (value) => {
        if (own === stopper) running = false
        isUp = true
        up.resolve(value)
      },
      (error: unknown) => {
        if (own === stopper) running = false
        if (!own.signal.aborted && !signal.aborted) onFailed(error)
      },
    )
  }

  const again = () => {
    if (isUp || signal.aborted) return
    stopper.abort()
    const mine = new AbortController()
    stopper = mine
    running = true
    const before = last
    last = before.then(() => {
      if (mine.signal.aborted || isUp || signal.aborted) return
      return follow(run(AbortSignal.any([signal, mine.signal])), mine)
    })
  }
  return {
    up: up.promise,
    again,
    retry() {
      if (!running) again()
    },
    async stop() {
      stopper.abort()
      await last
      running = false
    },
  }
}
