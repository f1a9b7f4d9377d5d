import type { CommandFunction } from '../cli/context.ts'
import type { UpFlags } from '../cli/flags.ts'
import { bringUp } from './bring-up.ts'

/** `devk up`: converges everything, prints the URLs, and on a terminal stays to watch. */
export const runUp: CommandFunction<UpFlags> = (ctx, services, { profile, timeout, detach, watch }) =>
  bringUp(ctx, { command: 'devk up', services, profile, timeout, stays: !detach, watch })
