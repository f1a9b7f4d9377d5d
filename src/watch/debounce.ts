/** Timers and a monotonic clock (ms); tests replace them. */
export interface Timers {
  set(run: () => void, ms: number): unknown
  clear(timer: unknown): void
  now(): number
}

/** The real ones. */
const timers: Timers = {
  set: (run, ms) => setTimeout(run, ms),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
  now: () => performance.now(),
}

/** When a burst of events is over. */
export interface BurstOptions {
  /** This long after the last event … */
  readonly quietMs: number
  /** … and at the latest this long after the first event. */
  readonly capMs: number
}

/**
 * Groups events that arrive together and calls `fire` once for each group, with the time of its first event. Call
 * `event` for each event. An event starts no timer of its own: when the one timer ends, it checks how long there was
 * no event.
 */
export function burst(fire: (first: number) => void, options: BurstOptions, clock: Timers = timers) {
  let timer: unknown
  let first = 0
  let last = 0
  const wait = (ms: number) => {
    timer = clock.set(check, ms)
  }
  const check = () => {
    const now = clock.now()
    const due = Math.min(last + options.quietMs, first + options.capMs)
    // Timers may fire a fraction of a millisecond early.
    if (due - now > 0.5) return wait(due - now)
    timer = undefined
    fire(first)
  }
  return {
    event() {
      last = clock.now()
      if (timer !== undefined) return
      first = last
      wait(options.quietMs)
    },
    stop() {
      if (timer !== undefined) clock.clear(timer)
      timer = undefined
    },
  }
}
