import type { CommandFunction } from '../context.ts'
import { bringUp } from '../up/bring-up.ts'
import type { KeyCommands } from '../up/options.ts'
import { openInBrowser } from './open.ts'
import { runRestart } from './restart.ts'
import { runStatus } from './status/status.ts'

/** Flags of each command as program.ts parses them; `--json`, `--yes` and the global ones are in the context. */
export interface UpFlags {
  readonly detach: boolean
  /** False with --no-watch. */
  readonly watch: boolean
  /** A preset that is not ready is a failure. */
  readonly strict: boolean
  /** Also deletes the data of presets that are no longer wanted. */
  readonly pruneData: boolean
  /** False with --no-fit. */
  readonly fit: boolean
  readonly profile?: string
  readonly overlay?: string
  /** Milliseconds. */
  readonly timeout?: number
}

/** What the keys s, r and o do while `up` and `dev` stay. */
export const keyCommands: KeyCommands = {
  status: (ctx) => runStatus(ctx, [], {}),
  restart: (ctx) => runRestart(ctx, [], {}),
  open: openInBrowser,
}

/** `devk up`: converges everything, prints the URLs, and on a terminal stays to watch. */
export const runUp: CommandFunction<UpFlags> = (ctx, services, { detach, ...flags }) =>
  bringUp(ctx, {
    command: 'devk up',
    services,
    keys: keyCommands,
    profile: flags.profile,
    overlay: flags.overlay,
    timeout: flags.timeout,
    stays: !detach,
    watch: flags.watch,
    fit: flags.fit,
    strict: flags.strict,
    pruneData: flags.pruneData,
  })
