import type { CommandFunction } from '../context.ts'
import { openProject } from '../project/open.ts'
import { bringUp } from '../up/bring-up.ts'
import { keyCommands } from './up.ts'

/** Flags of `devk dev`. */
export interface DevFlags {
  readonly profile?: string
  readonly timing: boolean
  readonly traceSaves: boolean
}

/**
 * `devk dev`: watches and syncs a stack that is already up. First it deploys the changes since the last `up` or `dev`.
 * Throws what `openProject` and `bringUp` throw.
 */
export const runDev: CommandFunction<DevFlags> = async (ctx, _args, flags) => {
  const { record } = await openProject(ctx)
  const profile = flags.profile ?? record.profile
  const { overlay } = record
  const how = {
    stays: true,
    keep: false,
    background: undefined,
    watch: true,
    timing: flags.timing,
    traceSaves: flags.traceSaves,
    strict: false,
    pruneData: false,
    fit: false,
  }
  return bringUp(ctx, {
    command: 'devk dev',
    services: [],
    keys: keyCommands,
    profile,
    overlay,
    timeout: undefined,
    ...how,
  })
}
