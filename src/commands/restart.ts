import type { CommandFunction } from '../context.ts'
import { nameOf, refOf } from '../kube/api.ts'
import { openProject } from '../project/open.ts'
import { restartPatch, workloadsOf } from '../release/workloads.ts'
import { untilRolledOut } from '../stack/ready/rollout.ts'
import { writeJson, writeText } from '../terminal/output.ts'

export interface RestartFlags {
  /** Milliseconds. */
  readonly timeout?: number
}

/** `devk restart [service…]`: a rolling restart on the cluster's own revisions, as `kubectl rollout restart` makes it. */
export const runRestart: CommandFunction<RestartFlags> = async (ctx, services, flags) => {
  const { kube, record } = await openProject(ctx)
  const { signal } = ctx
  const workloads = await workloadsOf(kube, record.name, services, signal)
  const at = new Date(ctx.clock()).toISOString()
  const changed = await Promise.all(
    workloads.map((workload) => kube.patch(refOf(workload), restartPatch(workload, at), signal)),
  )
  const timeoutMs = flags.timeout ?? 300_000
  await Promise.all(changed.map((workload) => untilRolledOut(kube, workload, { timeoutMs, signal })))
  const names = workloads.map(nameOf)
  if (ctx.json) await writeJson(ctx.stdout, { restarted: names })
  else await writeText(ctx.stderr, `restarted ${names.join(', ')}\n`)
  return 0
}
