import type { CommandFunction } from '../cli/context.ts'
import type { UpFlags } from '../cli/flags.ts'
import { bringUp } from './bring-up/bring-up.ts'

/** `devk up`: converges everything, prints the URLs, and on a terminal stays to watch. */
export const runUp: CommandFunction<UpFlags> = (ctx, services, { detach, ...flags }) =>
  bringUp(ctx, {
    command: 'devk up',
    services,
    profile: flags.profile,
    overlay: flags.overlay,
    timeout: flags.timeout,
    stays: !detach,
    watch: flags.watch,
    fit: flags.fit,
    strict: flags.strict,
    pruneData: flags.pruneData,
  })
