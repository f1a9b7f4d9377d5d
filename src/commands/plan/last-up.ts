import type { CliContext } from '../../context.ts'
import { findRecord } from '../../project/open.ts'
import type { PlanFlags } from './plan.ts'

/** The profile and the overlay of the last `up`, so that a plan shows what the next one would change. */
export async function flagsOfLastUp(ctx: CliContext): Promise<PlanFlags> {
  const { profile, overlay } = (await findRecord(ctx)) ?? {}
  return { ...(profile === undefined ? {} : { profile }), ...(overlay === undefined ? {} : { overlay }) }
}
