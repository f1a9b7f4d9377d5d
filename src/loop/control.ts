/** What others may ask a running loop for. */
export interface LoopControl {
  /** Builds a service again. Returns false for one that is not watched. */
  rebuild(service: string): boolean
  /** Sends what was saved of a service and waits. */
  trigger(service: string): Triggered
  /** From now on, saves wait. */
  pause(): void
  /** What was saved meanwhile is sent as one batch. */
  resume(): void
  isPaused(): boolean
}

/** What `trigger` did. `unknown`: the service is not watched. */
export type Triggered = 'sent' | 'nothing' | 'unknown'
