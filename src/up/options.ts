import type { CliContext } from '../context.ts'
import type { PageAddress } from '../session/state.ts'

/**
 * The commands that single keys start while the loop runs. They are parameters, because this room must not import
 * `commands`.
 */
export interface KeyCommands {
  status(ctx: CliContext): Promise<unknown>
  restart(ctx: CliContext): Promise<unknown>
  /** Opens a URL in the browser. */
  open(ctx: CliContext, url: string): Promise<void>
  /** Serves the page of `devk ui` until the signal. Resolves with where it is. */
  page(ctx: CliContext, signal: AbortSignal): Promise<PageAddress>
}

/** What the user asked `up` or `dev` for. */
export interface BringUpOptions {
  /** The command line, for the message to another devk that waits for the lock. */
  readonly command: string
  /** Services and externals to bring up; empty: all. */
  readonly services: readonly string[]
  readonly profile: string | undefined
  readonly overlay: string | undefined
  /** Milliseconds; undefined: as the configuration says. */
  readonly timeout: number | undefined
  readonly keys: KeyCommands
  /** Stay when everything is ready: forward ports, print logs and, with `watch`, sync. */
  readonly stays: boolean
  readonly watch: boolean
  /** When everything is ready, leave a devk in the background that stays. */
  readonly keep: boolean
  /** This is that devk: its id. It stays. */
  readonly background: string | undefined
  /** Show with each save where its time went. */
  readonly timing: boolean
  /** Send each save as a trace to the preset jaeger. */
  readonly traceSaves: boolean
  /** A preset that is not ready is a failure. */
  readonly strict: boolean
  /** Also deletes the data of presets that are no longer wanted. */
  readonly pruneData: boolean
  /** Refuse a stack that does not fit on the nodes. */
  readonly fit: boolean
}
