import type { CommandFunction } from '../context.ts'
import { nameOf, refOf } from '../kube/api.ts'
import { openProject } from '../project/open.ts'
import { promote, promotionOf } from '../release/promote.ts'
import { oneWorkload, workloadsOf } from '../release/workloads.ts'
import { untilRolledOut } from '../stack/ready/rollout.ts'
import { writeJson, writeText } from '../terminal/output.ts'

export interface PromoteFlags {
  /** To the end, over all further pauses. */
  readonly full: boolean
  /** `Rollout/name`, for a service with several workloads. */
  readonly workload?: string
  /** Milliseconds. */
  readonly timeout?: number
}

/** `devk promote SERVICE [--full]`: lets a Rollout of Argo go on to its next pause, and waits until it is there. */
export const runPromote: CommandFunction<PromoteFlags> = async (ctx, [service = ''], flags) => {
  const { kube, record } = await openProject(ctx)
  const { signal } = ctx
  const workload = oneWorkload(service, await workloadsOf(kube, record.name, [service], signal), flags.workload)
  const changed = await promote(kube, workload, { full: flags.full, signal })
  if (changed) {
    const onReason = (reason: string) => {
      if (!ctx.json) ctx.stderr.write(`  ${nameOf(workload)}: ${reason}\n`)
    }
    await untilRolledOut(kube, workload, { timeoutMs: flags.timeout ?? 300_000, signal, onReason })
  }
  const now = await kube.get(refOf(workload), signal)
  const stands = now && promotionOf(now)
  if (ctx.json) await writeJson(ctx.stdout, { service, workload: nameOf(workload), changed, ...stands })
  else if (!changed) await writeText(ctx.stderr, `${service} does not wait to be promoted\n`)
  else if (stands?.waits !== true)
    await writeText(ctx.stderr, `${service} promoted: the new version has all requests\n`)
  else {
    const { step, steps, weight } = stands
    await writeText(
      ctx.stderr,
      `${service} is at step ${step} of ${steps}, ${weight} %. Further: devk promote ${service}\n`,
    )
  }
  return 0
}
