import { isDeepStrictEqual } from 'node:util'
import { type KubeObject, keyOf } from '../kube/api.ts'
import { checkUpdates } from './check-updates.ts'
import { type CompareOptions, compare } from './compare.ts'
import { type ConvergeDeps, converge } from './converge.ts'
import type { Desired } from './desired/desired.ts'
import { releasesOf, withDueHooks } from './hooks/due.ts'
import { type ReleaseRecord, readReleases, saveReleases } from './hooks/record.ts'
import { freshInventory, type Inventory, readInventory, saveInventory, withKinds } from './inventory.ts'
import { type Observed, observe } from './observed.ts'
import { isEmpty, type Plan, rejectConflicts } from './plan.ts'

/** What an `up` would do, and everything that doing it needs. */
export interface PreparedStack {
  readonly desired: Desired
  readonly plan: Plan
  readonly observed: Observed
  readonly inventory: Inventory
  /**
   * To be recorded when everything is up: the Helm releases, if one of them is new, has changed or is gone. One that
   * is gone is installed when it comes back.
   */
  readonly releases?: ReleaseRecord
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
  const releases = releasesOf(state.objects, inventory.hashKey)
  const compared = compare(state.objects, observed, options)
  // Without hooks, only what is deleted can belong to a recorded release.
  const isRecorded = Object.keys(releases).length > 0 || compared.actions.some((action) => action.do === 'delete')
  const recorded = isRecorded ? await readReleases(kube, { project }, signal) : {}
  const plan = withDueHooks(compared, releases, recorded)
  rejectConflicts(plan)
  const known = await checkUpdates(plan, observed, { kube, signal })
  return {
    desired: state,
    plan: known,
    observed,
    inventory: withKinds(inventory, wanted),
    ...(isDeepStrictEqual(releases, recorded) ? {} : { releases }),
  }
}

/** The same for a cluster that does not exist yet: the plan creates everything. */
export function prepareAbsent(desired: (hashKey: string) => Desired): PreparedStack {
  const inventory = freshInventory()
  const state = desired(inventory.hashKey)
  const observed: Observed = { ours: [], others: new Map() }
  const releases = releasesOf(state.objects, inventory.hashKey)
  const plan = withDueHooks(compare(state.objects, observed, { pruneData: false }), releases, {})
  return { desired: state, plan, observed, inventory, releases }
}

/**
 * Applies a prepared plan and waits until everything is ready. Returns whether anything was written. Throws as
 * `converge` does.
 */
export async function deployStack(prepared: PreparedStack, deps: ConvergeDeps): Promise<boolean> {
  const { desired, plan, observed, inventory, releases } = prepared
  const { kube, signal } = deps
  if (!isEmpty(plan)) await saveInventory(kube, desired.project, inventory, signal)
  await converge({ project: desired.project, plan, observed, dependsOn: desired.dependsOn }, deps)
  if (releases !== undefined && !plan.partial) await saveReleases(kube, { project: desired.project }, releases, signal)
  return !isEmpty(plan)
}
