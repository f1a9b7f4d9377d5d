import { groupKindOf, type KindRef, type Kube } from '../../kube/api.ts'
import { type ApplyDeps, type DeletionWait, prune, untilDeleted } from '../apply.ts'
import { stageOf } from '../desired/stages.ts'
import { deletionsOf, type Plan } from '../plan.ts'
import { labelClaims } from './claims.ts'
import { deletionSteps } from './deletions.ts'

/** Whose objects are deleted, and what the deletion waits for. */
export interface DeleteOptions extends DeletionWait, Pick<ApplyDeps, 'onEvent'> {
  readonly project: string
  /**
   * `all`: until everything is gone. `custom`: until the objects are gone that an operator of the same plan must still
   * clean up.
   */
  readonly until: 'all' | 'custom'
}

/**
 * Makes the deletions of a plan. Custom resources go first, and their operators stay until these are gone. Claims of
 * StatefulSets that stay keep the project's label. Throws NOT_READY with each object that does not go away, and
 * KUBE_API.
 */
export async function deleteObjects(plan: Plan, options: DeleteOptions): Promise<void> {
  const { kube, signal, project, onEvent } = options
  const custom = await customKinds(kube, plan, signal)
  await labelClaims(kube, project, plan, signal)
  for (const step of deletionSteps(plan, custom)) {
    await prune(step, { kube, signal, patienceMs: 0, ...(onEvent === undefined ? {} : { onEvent }) })
    const awaited = options.until === 'all' ? step : { actions: deletionsOf(step).filter(({ ref }) => custom(ref)) }
    await untilDeleted(awaited, options)
  }
}

/** Which of the kinds that the plan deletes a custom resource definition has made. */
async function customKinds(kube: Kube, plan: Plan, signal: AbortSignal): Promise<(kind: KindRef) => boolean> {
  if (!deletionsOf(plan).some(({ ref }) => stageOf(ref) === 'rest')) return () => false
  const kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }
  const definitions = await kube.list(kind, { signal })
  const names = new Set(
    definitions.map(({ spec }) => {
      const { group, names } = spec as { group: string; names: { kind: string } }
      return `${group}/${names.kind}`
    }),
  )
  return (one) => names.has(groupKindOf(one))
}
