import { groupKindOf, type Kube, type KubeObject, keyOf } from '../kube/api.ts'
import { inParallel } from '../lib/parallel.ts'
import { parallelism } from './apply.ts'
import { claimKind } from './deletion/claims.ts'
import { obstacle, withoutExclusives } from './exclusive.ts'
import type { Observed } from './observed.ts'
import type { Action, Plan } from './plan.ts'
import { isAllocated, isInvalid, reasonOf } from './refusal.ts'
import { dryRun, underOtherName } from './validate.ts'

type Update = Extract<Action, { do: 'update' }>

/**
 * Checks the updates of a plan with dry runs. If the server accepts an object under another name, but not as a change
 * of the existing one, then the object has immutable fields. It is replaced if no data is lost with it, and refused
 * otherwise. Changes nothing in the cluster. Throws KUBE_API.
 */
export async function checkUpdates(
  plan: Plan,
  observed: Observed,
  { kube, signal }: { readonly kube: Kube; readonly signal: AbortSignal },
): Promise<Plan> {
  const existing = new Map(observed.ours.map((object) => [keyOf(object), object]))
  const actions = await inParallel(plan.actions, parallelism, async (action): Promise<Action> => {
    const before = action.do === 'update' ? existing.get(keyOf(action.wanted.object)) : undefined
    if (action.do !== 'update' || before === undefined) return action
    const change = await tryApply(kube, action.wanted.object, signal)
    if (typeof change === 'object') return { ...action, preview: change }
    // The server cannot tell at the moment. Applying the object shows whether it is valid.
    if (change === undefined) return action
    const { object } = action.wanted
    // Another object of the project still has the node port. It gives the port up before this object is applied.
    const isHeld = observed.ours.some((holder) => obstacle(holder, object) !== undefined)
    if (isHeld && typeof (await tryApply(kube, withoutExclusives(object), signal)) === 'object') return action
    const asNew = await tryApply(kube, withoutExclusives(underOtherName(action.wanted.object)), signal)
    return typeof asNew === 'object'
      ? replacement(action, { before, why: change, preview: asNew }, kube, signal)
      : action
  })
  return { actions }
}

interface Change {
  readonly before: KubeObject
  readonly why: string
  readonly preview: KubeObject
}

async function replacement(
  { wanted }: Update,
  { before, why, preview }: Change,
  kube: Kube,
  signal: AbortSignal,
): Promise<Action> {
  const way = await lossOf(before, kube, signal)
  if (way !== undefined) return { do: 'refuse', wanted, why, way, preview }
  return { do: 'replace', wanted, uid: before.metadata.uid ?? '', why, preview }
}

/** The server's answer; its reason if it refuses the object; undefined if it cannot tell at the moment. */
async function tryApply(kube: Kube, object: KubeObject, signal: AbortSignal): Promise<KubeObject | string | undefined> {
  try {
    return await dryRun(kube, object, signal)
  } catch (error) {
    signal.throwIfAborted()
    // What is allocated to another Service may become free. It is no field that cannot change.
    return isInvalid(error) && !isAllocated(error) ? reasonOf(error) : undefined
  }
}

/** What would be lost if the object were deleted, and what the user can do; undefined if nothing would be lost. */
async function lossOf(object: KubeObject, kube: Kube, signal: AbortSignal): Promise<string | undefined> {
  const { kind, metadata } = object
  const place = metadata.namespace === undefined ? '' : ` -n ${metadata.namespace}`
  const remove = `kubectl delete ${kind.toLowerCase()} ${metadata.name}${place}`
  const go = `Undo the change, or save what you need, run ${remove}, and run devk up again`
  if (kind === claimKind.kind || kind === 'PersistentVolume') return `its data would be lost. ${go}`
  if (kind === 'CustomResourceDefinition') return `all objects of its kind would be lost. ${go}`
  if (kind === 'Namespace') return `everything in it would be lost. ${go}`
  const { persistentVolumeClaimRetentionPolicy: policy } = (object.spec ?? {}) as {
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string }
  }
  if (policy?.whenDeleted === 'Delete') {
    return `its volume claims would be deleted with it (persistentVolumeClaimRetentionPolicy). ${go}`
  }
  if (await isCustom(object, kube, signal)) return `its operator may delete what belongs to it. ${go}`
  return undefined
}

async function isCustom(object: KubeObject, kube: Kube, signal: AbortSignal): Promise<boolean> {
  const kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }
  const definitions = await kube.list(kind, { signal })
  return definitions.some(({ spec }) => {
    const { group, names } = spec as { group: string; names: { kind: string } }
    return `${group}/${names.kind}` === groupKindOf(object)
  })
}
