import type { CommandFunction } from '../context.ts'
import { planRestart } from '../release/workloads.ts'
import { writeJson, writeText } from '../terminal/output.ts'
import { changeWorkloads } from './change-workloads.ts'

/** Flags of `devk restart`. */
export interface RestartFlags {
  /** Milliseconds. */
  readonly timeout?: number
}

/**
 * `devk restart [service…]`: replaces the pods of services one by one, like `kubectl rollout restart`, and waits until
 * they are ready.
 */
export const runRestart: CommandFunction<RestartFlags> = async (ctx, services, flags) => {
  const at = new Date(ctx.clock()).toISOString()
  const names = await changeWorkloads(ctx, services, (workloads) => planRestart(workloads, at), flags.timeout)
  if (ctx.json) await writeJson(ctx.stdout, { restarted: names })
  else await writeText(ctx.stderr, `restarted ${names.join(', ')}\n`)
  return 0
}
