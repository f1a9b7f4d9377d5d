import { type ConvergeDeps, converge } from './converge.ts'
import type { Desired } from './desired/desired.ts'
import { freshInventory, type Inventory, readInventory, saveInventory, withKinds } from './inventory.ts'
import { type Observed, observe } from './observed.ts'
import { isEmpty, type Plan, type PlanOptions, planChanges, rejectConflicts } from './plan.ts'

/** What an `up` would do, with all that doing it needs. */
export interface PreparedStack {
  readonly desired: Desired
  readonly plan: Plan
  readonly observed: Observed
  readonly inventory: Inventory
}

/**
 * Compares the wanted state with the cluster; changes nothing. `desired` gets the project's hash key.
 * Throws what `desired` throws, OBJECT_FOREIGN when something of someone else's has a wanted name, and KUBE_API.
 */
export async function prepareStack(
  project: string,
  desired: (hashKey: string) => Desired,
  deps: Pick<ConvergeDeps, 'kube' | 'signal'>,
  options: PlanOptions,
): Promise<PreparedStack> {
  const inventory = await readInventory(deps.kube, project, deps.signal)
  const wanted = desired(inventory.hashKey)
  const objects = wanted.objects.map(({ object }) => object)
  const observed = await observe(deps.kube, project, objects, inventory.kinds, deps.signal, 'stack')
  const plan = planChanges(wanted.objects, observed, options)
  rejectConflicts(plan)
  return { desired: wanted, plan, observed, inventory: withKinds(inventory, objects) }
}

/** The same for a cluster that is not there yet: everything is to be created. */
export function prepareAbsent(desired: (hashKey: string) => Desired): PreparedStack {
  const inventory = freshInventory()
  const wanted = desired(inventory.hashKey)
  const observed: Observed = { ours: [], others: new Map() }
  return { desired: wanted, plan: planChanges(wanted.objects, observed, { pruneData: false }), observed, inventory }
}

/**
 * Carries a prepared plan out and waits until all is ready; the one way to change a cluster. Gives whether anything was written.
 * Throws as `converge` does.
 */
export async function deployStack(prepared: PreparedStack, deps: ConvergeDeps): Promise<boolean> {
  const { desired, plan, observed, inventory } = prepared
  if (!isEmpty(plan)) await saveInventory(deps.kube, desired.project, inventory, deps.signal)
  await converge({ project: desired.project, plan, observed, dependsOn: desired.dependsOn }, deps)
  return !isEmpty(plan)
}
