import type { DesiredObject } from '../stack/desired/configured.ts'
import type { Desired } from '../stack/desired/desired.ts'
import { isHook } from '../stack/hooks/due.ts'
import { type Action, imagesOfWrites, type Plan } from '../stack/plan.ts'
import type { ImageWork } from './images/work.ts'

/**
 * The plan without the steps that belong to other services and externals than `units`. It deletes nothing: an object
 * that is no longer wanted may have a successor that is left out, such as a renamed workload of another service. It
 * runs no hooks of charts: they belong to a release as a whole.
 */
export function limitedTo(plan: Plan, units: ReadonlySet<string>): Plan {
  return {
    partial: true,
    actions: plan.actions.filter((action) =>
      'wanted' in action ? !isHook(action) && isOf(units, action.wanted) : action.do !== 'delete',
    ),
  }
}

/**
 * The part of a plan that a rebuild of services needs: their own objects, the objects that belong to no service, and
 * every workload or job that runs their images, whoever owns it. Other services that differ (because a save was synced
 * into them, or because their build fails) stay as they are. It deletes nothing, as in `limitedTo`.
 */
export function limitedToServices(plan: Plan, services: ReadonlySet<string>, works: readonly ImageWork[]): Plan {
  const images = works.flatMap(({ owner, reference }) => (services.has(owner) ? reference : []))
  return {
    partial: true,
    actions: plan.actions.filter(
      (action) =>
        !isHook(action) &&
        (('wanted' in action ? isOf(services, action.wanted) : action.do !== 'delete') ||
          images.some((image) => imagesOfWrites([action]).has(image))),
    ),
  }
}

/** The desired state with only the forwards of these services and externals; undefined means all of them. */
export function withForwards(desired: Desired, units: ReadonlySet<string> | undefined): Desired {
  return { ...desired, forwards: desired.forwards.filter(({ name }) => units?.has(name) ?? true) }
}

/** The plan without the objects of these services and externals. */
export function without(plan: Plan, units: ReadonlySet<string>): Plan {
  if (units.size === 0) return plan
  const isLeft = (action: Action) => 'wanted' in action && (isHook(action) || isOfAny(units, action.wanted))
  return { partial: true, actions: plan.actions.filter((action) => !isLeft(action)) }
}

function isOf(units: ReadonlySet<string>, wanted: DesiredObject): boolean {
  return wanted.unit === undefined || isOfAny(units, wanted)
}

function isOfAny(units: ReadonlySet<string>, { unit, sharedBy = [] }: DesiredObject): boolean {
  return [...(unit === undefined ? [] : [unit]), ...sharedBy].some((each) => units.has(each))
}
