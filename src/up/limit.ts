import { imagesOfWrites, type Plan } from '../stack/plan.ts'
import type { ImageWork } from './images/wanted.ts'

/** The plan without the steps that belong to other services and externals than `units`. */
export function limitedTo(plan: Plan, units: ReadonlySet<string>): Plan {
  return { actions: plan.actions.filter((action) => !('wanted' in action) || isOf(units, action.wanted.unit)) }
}

/**
 * The part of a plan that a rebuild of one service needs: its own objects, the objects that belong to no service, and
 * every workload or job that runs its image, whoever owns it. Other services that differ (because a save was synced
 * into them, or because their build fails) stay as they are.
 */
export function limitedToService(plan: Plan, service: string, works: readonly ImageWork[]): Plan {
  const image = works.find(({ owner }) => owner === service)?.reference
  const own = new Set([service])
  return {
    actions: plan.actions.filter(
      (action) =>
        !('wanted' in action) ||
        isOf(own, action.wanted.unit) ||
        (image !== undefined && imagesOfWrites([action]).has(image)),
    ),
  }
}

/** The plan without the objects of these services and externals. */
export function without(plan: Plan, units: ReadonlySet<string>): Plan {
  if (units.size === 0) return plan
  return { actions: plan.actions.filter((action) => !('wanted' in action) || !units.has(action.wanted.unit ?? '')) }
}

function isOf(units: ReadonlySet<string>, unit: string | undefined): boolean {
  return unit === undefined || units.has(unit)
}
