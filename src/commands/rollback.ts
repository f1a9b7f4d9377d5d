import type { CommandFunction } from '../context.ts'
import { nameOf, refOf } from '../kube/api.ts'
import { openProject } from '../project/open.ts'
import { promotionOf } from '../release/promote.ts'
import { readRevisions } from '../release/revisions.ts'
import { chooseRevision, planRollback, requireInputs } from '../release/rollback.ts'
import { unstick } from '../release/unstick.ts'
import { oneWorkload, workloadsOf } from '../release/workloads.ts'
import { applyPlan } from '../stack/apply.ts'
import { untilReady } from '../stack/ready/until-ready.ts'
import { writeJson, writeText } from '../terminal/output.ts'
import { shortImage } from './status/report.ts'

/** Flags of `devk rollback`. */
export interface RollbackFlags {
  /** Number of the revision, as `history` shows it. */
  readonly to?: number
  /** `Deployment/name`, for a service with several workloads. */
  readonly workload?: string
  /** Milliseconds. */
  readonly timeout?: number
}

/** `devk rollback SERVICE [--to N]`: deploys a revision that the cluster has kept, and waits until it is ready. */
export const runRollback: CommandFunction<RollbackFlags> = async (ctx, [service = ''], flags) => {
  const { kube, record } = await openProject(ctx)
  const { signal } = ctx
  const workload = oneWorkload(service, await workloadsOf(kube, record.name, [service], signal), flags.workload)
  const revisions = await readRevisions(kube, workload, signal)
  const target = chooseRevision(nameOf(workload), revisions, flags.to)
  const from = revisions.at(-1)?.number ?? target.number
  const rollback = { service, workload: nameOf(workload), from, to: target.number, images: target.images }
  if (!target.current) {
    await requireInputs(kube, workload, target, signal)
    const [changed = workload] = await applyPlan(planRollback(workload, from, target), { kube, signal, patienceMs: 0 })
    const timeoutMs = flags.timeout ?? 300_000
    await unstick(kube, changed, { timeoutMs, signal })
    const onReason = (reason: string, name: string) => {
      if (!ctx.json) ctx.stderr.write(`  ${name}: ${reason}\n`)
    }
    await untilReady([changed], { kube, timeoutMs, signal, clock: ctx.clock, onReason })
  }
  const now = await kube.get(refOf(workload), signal)
  const waits = now !== undefined && promotionOf(now)?.waits === true
  if (ctx.json) await writeJson(ctx.stdout, { ...rollback, changed: !target.current, waits })
  else if (target.current) await writeText(ctx.stderr, `${service} already runs revision ${from}\n`)
  else await writeText(ctx.stderr, `${doneText(rollback)}${waits ? `  To promote it: devk promote ${service}\n` : ''}`)
  return 0
}

function doneText(rollback: { service: string; from: number; to: number; images: readonly string[] }): string {
  const { service, from, to, images } = rollback
  return [
    `${service} rolled back from revision ${from} to ${to} (${images.map(shortImage).join(', ')})`,
    `  It stays at that revision until its sources or manifests change. To go forward again: devk rollback ${service}`,
    '',
  ].join('\n')
}
