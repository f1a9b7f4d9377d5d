import { groupKindOf, type KindRef, type KubeObject, keyOf } from '../../kube/api.ts'
import { stageOf } from '../desired/stages.ts'
import { obstacle } from '../exclusive.ts'
import type { Observed } from '../observed.ts'
import { deletionsOf, isApply, type Plan } from '../plan.ts'

/** The deletions of a plan, in the two groups in which they are made. */
export interface Deletions {
  /** Before anything is applied: they would be in the way of what is applied. */
  readonly first: Plan
  /** When everything is ready: until then, pods that still serve may use these objects. */
  readonly last: Plan
}

/** Kinds that restrict or change other objects, so that one that is no longer wanted could stop new pods. */
const restricting = new Set([
  '/ResourceQuota',
  '/LimitRange',
  'networking.k8s.io/NetworkPolicy',
  'autoscaling/HorizontalPodAutoscaler',
  'keda.sh/ScaledObject',
  ...['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration', 'ValidatingAdmissionPolicyBinding'].map(
    (kind) => `admissionregistration.k8s.io/${kind}`,
  ),
])

/** Splits the deletions of a plan by when they must be made. Pure. */
export function deletionsInOrder(plan: Plan, observed: Observed): Deletions {
  const existing = new Map(observed.ours.map((object) => [keyOf(object), object]))
  const wanted = plan.actions.filter(isApply).map((action) => action.wanted.object)
  const isFirst = ({ ref }: { readonly ref: KindRef & { readonly name: string } }) => {
    if (restricting.has(groupKindOf(ref))) return true
    const object = existing.get(keyOf(ref))
    return object !== undefined && wanted.some((other) => obstacle(object, other) !== undefined)
  }
  const all = deletionsOf(plan)
  return { first: { actions: all.filter(isFirst) }, last: { actions: all.filter((action) => !isFirst(action)) } }
}

/**
 * Groups of deletions, each of which must be complete before the next begins: objects of kinds that Kubernetes does not
 * have, while their operators still run and can remove their finalizers; what runs; the definitions; the namespaces.
 * Pure.
 */
export function deletionSteps(plan: Plan, custom: (kind: KindRef) => boolean): Plan[] {
  const steps = [[], [], [], []] as ReturnType<typeof deletionsOf>[]
  for (const action of deletionsOf(plan)) {
    const stage = stageOf(action.ref)
    const step = custom(action.ref) ? 0 : stage === 'namespaces' ? 3 : stage === 'definitions' ? 2 : 1
    steps[step]?.push(action)
  }
  return steps.filter((actions) => actions.length > 0).map((actions) => ({ actions }))
}

/** Whether an object is in deletion and something must still be done before it is gone. */
export function isHeld({ metadata }: KubeObject): boolean {
  const finalizers = (metadata.finalizers as readonly string[] | undefined) ?? []
  return metadata.deletionTimestamp !== undefined && finalizers.length > 0
}
