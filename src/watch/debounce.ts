export interface Timers {
  set(run: () => void, ms: number): unknown
  clear(timer: unknown): void
  now(): number
}

/** The real timers; the clock is monotonic. */
const timers: Timers = {
  set: (run, ms) => setTimeout(run, ms),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
  now: () => performance.now(),
}

export interface BurstOptions {
  /** Fires this long after the last event … */
  readonly quietMs: number
  /** … and at the latest this long after the first. */
  readonly capMs: number
}

/**
 * Gathers events that come together. `event` notes one; `fire` is called once per burst. An event costs no timer of its own: the one that
 * runs looks at its end how long it has been quiet.
 */
export function burst(fire: () => void, options: BurstOptions, clock: Timers = timers) {
  let timer: unknown
  let first = 0
  let last = 0
  const wait = (ms: number) => {
    timer = clock.set(look, ms)
  }
  const look = () => {
    const now = clock.now()
    const due = Math.min(last + options.quietMs, first + options.capMs)
    // Timers may fire a fraction of a millisecond early.
    if (due - now > 0.5) return wait(due - now)
    timer = undefined
    fire()
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
