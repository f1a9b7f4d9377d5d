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

interface Limits {
  /** This long after the last event … */
  readonly quietMs: number
  /** … and at the latest this long after the first event. */
  readonly capMs: number
}

/** When a burst of events is over. */
export interface BurstOptions extends Limits {
  /** For events that belong together although they take longer. `is` takes how long ago the first one was (ms). */
  readonly together?: Limits & { is(sinceFirstMs: number): boolean }
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
    // Timers may fire a fraction of a millisecond early.
    const left = ({ quietMs, capMs }: Limits) => Math.min(last + quietMs, first + capMs) - now - 0.5
    if (left(options) > 0) return wait(left(options) + 0.5)
    const { together } = options
    // What ends the work makes no event, so it is looked for again soon.
    if (together !== undefined && left(together) > 0 && together.is(now - first)) return wait(options.quietMs)
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
