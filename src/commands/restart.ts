import type { CommandFunction } from '../context.ts'
import { nameOf } from '../kube/api.ts'
import { openProject } from '../project/open.ts'
import { planRestart, workloadsOf } from '../release/workloads.ts'
import { applyPlan } from '../stack/apply.ts'
import { untilReady } from '../stack/ready/until-ready.ts'
import { writeJson, writeText } from '../terminal/output.ts'

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
  const { kube, record } = await openProject(ctx)
  const { signal } = ctx
  const workloads = await workloadsOf(kube, record.name, services, signal)
  const at = new Date(ctx.clock()).toISOString()
  const changed = await applyPlan(planRestart(workloads, at), { kube, signal, patienceMs: 0 })
  await untilReady(changed, { kube, timeoutMs: flags.timeout ?? 300_000, signal, clock: ctx.clock })
  const names = workloads.map(nameOf)
  if (ctx.json) await writeJson(ctx.stdout, { restarted: names })
  else await writeText(ctx.stderr, `restarted ${names.join(', ')}\n`)
  return 0
}
