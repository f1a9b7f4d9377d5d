import type { CommandFunction } from '../context.ts'
import { nameOf, refOf } from '../kube/api.ts'
import { openProject } from '../project/open.ts'
import { promote, promotionOf } from '../release/promote.ts'
import { oneWorkload, workloadsOf } from '../release/workloads.ts'
import { untilReady } from '../stack/ready/until-ready.ts'
import { writeJson, writeText } from '../terminal/output.ts'

/** Flags of `devk promote`. */
export interface PromoteFlags {
  /** Promote to the end, past all further pauses. */
  readonly full: boolean
  /** `Rollout/name`, for a service with several workloads. */
  readonly workload?: string
  /** Milliseconds. */
  readonly timeout?: number
}

/**
 * `devk promote SERVICE [--full]`: promotes an Argo Rollout to its next pause or to its end, and waits until it is
 * there.
 */
export const runPromote: CommandFunction<PromoteFlags> = async (ctx, [service = ''], flags) => {
  const { kube, record } = await openProject(ctx)
  const { signal } = ctx
  const workload = oneWorkload(service, await workloadsOf(kube, record.name, [service], signal), flags.workload)
  const promoted = await promote(kube, workload, { full: flags.full, signal })
  const changed = promoted !== undefined
  if (changed) {
    const onReason = (reason: string, rollout: string) => {
      if (!ctx.json) ctx.stderr.write(`  ${rollout}: ${reason}\n`)
    }
    await untilReady([promoted], { kube, timeoutMs: flags.timeout ?? 300_000, signal, clock: ctx.clock, onReason })
  }
  const now = await kube.get(refOf(workload), signal)
  const promotion = now && promotionOf(now)
  if (ctx.json) await writeJson(ctx.stdout, { service, workload: nameOf(workload), changed, ...promotion })
  else if (!changed) await writeText(ctx.stderr, `${service} is not waiting for a promotion\n`)
  else if (promotion?.waits !== true)
    await writeText(ctx.stderr, `${service} is promoted: the new version gets all requests\n`)
  else {
    const { step, steps, weight } = promotion
    await writeText(
      ctx.stderr,
      `${service} is at step ${step} of ${steps}, ${weight} %. To continue: devk promote ${service}\n`,
    )
  }
  return 0
}
