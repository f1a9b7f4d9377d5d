import type { CliContext } from '../../context.ts'
import { captured } from '../actions/captured.ts'
import { flagsOfLastUp } from '../plan/last-up.ts'
import { readPlan } from '../plan/plan.ts'
import type { PlanReport } from '../plan/shape.ts'
import type { UiPlan } from './api.ts'

/**
 * What `devk up` would change, with the profile and the overlay of the last one. A page cannot consent to the code of a
 * configuration: what the user has not allowed before is not run. Throws what is a defect.
 */
export async function planned(ctx: CliContext, read: typeof readPlan = readPlan): Promise<UiPlan> {
  const flags = await flagsOfLastUp(ctx)
  let plan: PlanReport | undefined
  const { text, hint } = await captured(ctx, async (quiet) => {
    plan = await read(quiet, flags)
    return 0
  })
  return plan === undefined ? { ok: false, text, hint } : { ok: true, plan }
}
