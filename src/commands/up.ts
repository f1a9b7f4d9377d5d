import { type CommandFunction, isCi } from '../context.ts'
import { DevkError } from '../errors.ts'
import { bringUp } from '../up/bring-up.ts'
import { keptCommand } from '../up/keep.ts'
import type { KeyCommands } from '../up/options.ts'
import { openInBrowser } from './open.ts'
import { runRestart } from './restart.ts'
import { runStatus } from './status/status.ts'

/** The flags as program.ts parses them. `--json`, `--yes` and the global flags are in the context. */
export interface UpFlags {
  /** Return as soon as the stack is ready. */
  readonly detach: boolean
  /** With detach: leave a devk in the background. */
  readonly keep: boolean
  /** This is the devk in the background, with this id. devk itself passes it. */
  readonly background?: string
  /** False with --no-watch. */
  readonly watch: boolean
  readonly timing: boolean
  readonly traceSaves: boolean
  /** Fail if a preset is not ready. */
  readonly strict: boolean
  /** Also delete the data of presets that are no longer configured. */
  readonly pruneData: boolean
  /** False with --no-fit. */
  readonly fit: boolean
  readonly profile?: string
  readonly overlay?: string
  /** Milliseconds. */
  readonly timeout?: number
}

/** The commands behind the keys s, r, o and w while `up` or `dev` runs. */
export const keyCommands: KeyCommands = {
  status: (ctx) => runStatus(ctx, [], {}),
  restart: (ctx) => runRestart(ctx, [], {}),
  open: openInBrowser,
  // The page is loaded only when somebody asks for it.
  page: async (ctx, signal) => (await import('./ui/ui.ts')).pageWithin(ctx, signal),
}

/**
 * `devk up`: brings the stack up and prints its URLs. Without --detach it watches the source meanwhile and after; in CI
 * nobody saves, and it ends as with --detach. With --detach --keep it leaves a devk in the background that does so.
 * Throws what `bringUp` throws, and USAGE.
 */
export const runUp: CommandFunction<UpFlags> = async (ctx, services, { detach, keep, background, ...flags }) => {
  if (keep && !detach) {
    throw new DevkError('USAGE', '--keep is for a devk that detaches', {
      hint: 'Run devk up --detach --keep, or without --keep to stay in this terminal.',
    })
  }
  return bringUp(ctx, {
    command: background === undefined ? 'devk up' : keptCommand,
    services,
    keys: keyCommands,
    profile: flags.profile,
    overlay: flags.overlay,
    timeout: flags.timeout,
    stays: background !== undefined || (!detach && !isCi(ctx.env)),
    keep,
    background,
    watch: flags.watch,
    timing: flags.timing,
    traceSaves: flags.traceSaves,
    fit: flags.fit,
    strict: flags.strict,
    pruneData: flags.pruneData,
  })
}
