import type { CliContext } from '../context.ts'
import { type KubeObject, nameOf } from '../kube/api.ts'
import { openProject } from '../project/open.ts'
import { workloadsOf } from '../release/workloads.ts'
import { applyPlan } from '../stack/apply.ts'
import type { Plan } from '../stack/plan.ts'
import { untilReady } from '../stack/ready/until-ready.ts'

/** How long to wait for readiness unless the user says otherwise, milliseconds. */
const patienceMs = 300_000

/**
 * Applies a plan for the workloads of services, or of all services if none is named, and waits until those that it
 * changed are ready. Gives their names. Throws what `workloadsOf` and `planOf` throw, and NOT_READY.
 */
export async function changeWorkloads(
  ctx: CliContext,
  services: readonly string[],
  planOf: (workloads: readonly KubeObject[]) => Plan,
  timeoutMs = patienceMs,
): Promise<string[]> {
  const { kube, record } = await openProject(ctx)
  const { signal, clock } = ctx
  const workloads = await workloadsOf(kube, record.name, services, signal)
  const changed = await applyPlan(planOf(workloads), { kube, signal, patienceMs: 0 })
  await untilReady(changed, { kube, timeoutMs, signal, clock })
  return changed.map(nameOf)
}
