import { type KubeObject, keyOf } from '../kube/api.ts'
import { type CompareOptions, compare } from './compare.ts'
import { type ConvergeDeps, converge } from './converge.ts'
import type { Desired } from './desired/desired.ts'
import { judged } from './forbidden.ts'
import { freshInventory, type Inventory, readInventory, saveInventory, withKinds } from './inventory.ts'
import { type Observed, observe } from './observed.ts'
import { isEmpty, type Plan, rejectConflicts } from './plan.ts'

/** What an `up` would do, and everything that doing it needs. */
export interface PreparedStack {
  readonly desired: Desired
  readonly plan: Plan
  readonly observed: Observed
  readonly inventory: Inventory
}

/**
 * Compares the desired state with the cluster; changes nothing. `desired` is called with the project's hash key,
 * and, if it depends on them, with the project's objects by `keyOf`.
 * Throws what `desired` throws, OBJECT_FOREIGN if an object of someone else has a wanted name, and KUBE_API.
 */
export async function prepareStack(
  project: string,
  desired: (hashKey: string, existing?: ReadonlyMap<string, KubeObject>) => Desired,
  { kube, signal }: Pick<ConvergeDeps, 'kube' | 'signal'>,
  options: CompareOptions,
): Promise<PreparedStack> {
  const inventory = await readInventory(kube, project, signal)
  const first = desired(inventory.hashKey)
  const wanted = first.objects.map(({ object }) => object)
  const observed = await observe(kube, { project, wanted, kinds: inventory.kinds, scope: 'stack' }, signal)
  const existing = new Map(observed.ours.map((object) => [keyOf(object), object]))
  const state = first.generates ? desired(inventory.hashKey, existing) : first
  const plan = compare(state.objects, observed, options)
  rejectConflicts(plan)
  const known = await judged(plan, observed, { kube, signal })
  return { desired: state, plan: known, observed, inventory: withKinds(inventory, wanted) }
}

/** The same for a cluster that does not exist yet: the plan creates everything. */
export function prepareAbsent(desired: (hashKey: string) => Desired): PreparedStack {
  const inventory = freshInventory()
  const state = desired(inventory.hashKey)
  const observed: Observed = { ours: [], others: new Map() }
  return { desired: state, plan: compare(state.objects, observed, { pruneData: false }), observed, inventory }
}

/**
 * Applies a prepared plan and waits until everything is ready. Returns whether anything was written. Throws as
 * `converge` does.
 */
export async function deployStack(prepared: PreparedStack, deps: ConvergeDeps): Promise<boolean> {
  const { desired, plan, observed, inventory } = prepared
  if (!isEmpty(plan)) await saveInventory(deps.kube, desired.project, inventory, deps.signal)
  await converge({ project: desired.project, plan, observed, dependsOn: desired.dependsOn }, deps)
  return !isEmpty(plan)
}
