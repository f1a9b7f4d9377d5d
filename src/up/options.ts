import type { CliContext } from '../context.ts'

/** The verbs that single keys start while the loop runs; the commands hand them in, since they lie above this room. */
export interface KeyCommands {
  status(ctx: CliContext): Promise<unknown>
  restart(ctx: CliContext): Promise<unknown>
  /** Opens a URL in the browser. */
  open(ctx: CliContext, url: string): Promise<void>
}

export interface BringUpOptions {
  /** As the lock tells it to others. */
  readonly command: string
  /** Services to care for; none: all. */
  readonly services: readonly string[]
  readonly profile: string | undefined
  readonly overlay: string | undefined
  /** Milliseconds; undefined: the configuration's. */
  readonly timeout: number | undefined
  readonly keys: KeyCommands
  /** Stay when all is ready: forward, tail and, with `watch`, sync. */
  readonly stays: boolean
  readonly watch: boolean
  /** A preset that is not ready is a failure. */
  readonly strict: boolean
  /** Also deletes the data of presets that are no longer wanted. */
  readonly pruneData: boolean
  /** Refuse what could never start on the nodes. */
  readonly fit: boolean
}
