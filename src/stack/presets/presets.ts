import { DevkError } from '../../errors.ts'
import { groupKindOf, type KubeObject, keyOf, nameOf } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import type { RenderedObject } from '../../manifests/rendered.ts'
import type { Preset } from '../../presets/folder.ts'
import { checkUpdates } from '../check-updates.ts'
import { compare } from '../compare.ts'
import { type ConvergeDeps, converge } from '../converge.ts'
import { type DesiredObject, withoutOrigin } from '../desired/configured.ts'
import { hashed } from '../desired/desired.ts'
import { inStages, stageOf } from '../desired/stages.ts'
import { type Inventory, readInventory, saveInventory, withKinds } from '../inventory.ts'
import { type Observed, observe } from '../observed.ts'
import { type Action, type Plan, rejectConflicts, writesNothing } from '../plan.ts'

/** A preset and its objects in this project. An object that several presets have belongs to the first of them. */
export interface PresetPart {
  readonly preset: Preset
  readonly objects: readonly RenderedObject[]
}

/** The objects of a project's presets in the cluster, and what is needed to change them. */
export interface PresetStack {
  readonly project: string
  readonly observed: Observed
  readonly inventory: Inventory
  /** Objects of presets in the cluster that no wanted preset has. */
  readonly surplus: readonly KubeObject[]
  /** Whether the inventory in the cluster was changed. */
  readonly noted: boolean
}

/**
 * Compares the wanted presets with the cluster, and adds the kinds of their objects to the inventory; changes nothing
 * else.
 * Throws OBJECT_FOREIGN if a namespace or another object of a preset belongs to someone else.
 */
export async function observePresets(
  project: string,
  parts: readonly PresetPart[],
  deps: Pick<ConvergeDeps, 'kube' | 'signal'>,
): Promise<PresetStack> {
  const stack = await comparePresets(project, parts, deps)
  const objects = ownParts(parts).flatMap((part) => part.objects.map(({ object }) => object))
  if (objects.length === 0) return stack
  const inventory = await saveInventory(deps.kube, project, stack.inventory, deps.signal)
  return { ...stack, inventory, noted: inventory !== stack.inventory }
}

/** The same without the inventory: changes nothing. */
export async function comparePresets(
  project: string,
  parts: readonly PresetPart[],
  { kube, signal }: Pick<ConvergeDeps, 'kube' | 'signal'>,
): Promise<PresetStack> {
  const inventory = await readInventory(kube, project, signal)
  const objects = ownParts(parts).flatMap((part) => part.objects.map(({ object }) => object))
  const sought = { project, wanted: objects, kinds: inventory.kinds, scope: 'presets' } as const
  const observed = await observe(kube, sought, signal)
  const wanted = new Set(objects.map(keyOf))
  const surplus = observed.ours.filter(
    (object) => !wanted.has(keyOf(object)) && object.metadata.deletionTimestamp === undefined,
  )
  rejectForeign(project, planOf(objects.map(withoutOrigin), observed), observed)
  return { project, observed, inventory: withKinds(inventory, objects), surplus, noted: false }
}

/** The parts without objects that an earlier part has too, such as a shared namespace. Pure. */
export function ownParts(parts: readonly PresetPart[]): PresetPart[] {
  const seen = new Set<string>()
  return parts.map((part) => ({
    ...part,
    objects: part.objects.filter(({ object }) => {
      const key = keyOf(object)
      return !seen.has(key) && seen.add(key)
    }),
  }))
}

/** The plan for one preset. Deletions are not in it: see `prunePresets`. Pure. */
export function presetPlan(stack: PresetStack, part: PresetPart): Plan {
  const wanted = part.objects.map(({ object, origin }) => ({ object, origin, unit: part.preset.name }))
  const ordered = inStages(wanted, ({ object }) => object)
  return planOf(hashed(ordered, stack.inventory.hashKey), stack.observed)
}

/**
 * Applies a preset's plan and waits until its objects are ready. Returns how many were written. Throws as `converge`
 * does.
 */
export async function installPreset(stack: PresetStack, plan: Plan, deps: ConvergeDeps): Promise<number> {
  const known = await checkUpdates(plan, stack.observed, deps)
  await converge({ project: stack.project, plan: known, observed: stack.observed, dependsOn: {} }, deps)
  return plan.actions.filter((action) => !writesNothing(action)).length
}

/** Classes whose names the API server writes into other objects as a default, but only when these are created. */
const defaulting = new Set([
  'networking.k8s.io/IngressClass',
  'storage.k8s.io/StorageClass',
  'scheduling.k8s.io/PriorityClass',
])

/**
 * Splits a preset into the objects that other manifests may need first (namespaces, definitions, classes) and the rest.
 * Pure.
 */
export function inHalves(part: PresetPart): { readonly definitions: PresetPart; readonly rest: PresetPart } {
  const isNeededFirst = ({ object }: RenderedObject) =>
    ['namespaces', 'definitions'].includes(stageOf(object)) || defaulting.has(groupKindOf(object))
  return {
    definitions: { ...part, objects: part.objects.filter(isNeededFirst) },
    rest: { ...part, objects: part.objects.filter((entry) => !isNeededFirst(entry)) },
  }
}

function planOf(wanted: readonly DesiredObject[], observed: Observed): Plan {
  const keys = new Set(wanted.map(({ object }) => keyOf(object)))
  const ours = observed.ours.filter((object) => keys.has(keyOf(object)))
  return compare(wanted, { ours, others: observed.others }, { pruneData: false })
}

function rejectForeign(project: string, plan: Plan, { others }: Observed): void {
  rejectConflicts(plan)
  const isForeign = (action: Action) => {
    if (action.do !== 'keep' || action.ref.kind !== 'Namespace') return false
    return others.get(keyOf(action.ref))?.metadata.labels?.[labels.project] !== project
  }
  const foreign = plan.actions.flatMap((action) => (isForeign(action) && 'ref' in action ? [nameOf(action.ref)] : []))
  if (foreign.length === 0) return
  throw new DevkError('OBJECT_FOREIGN', 'A preset needs a namespace that belongs to someone else', {
    details: [...foreign.map((name) => `${name} was not created for this project`), 'Nothing was changed.'],
    hint: 'Remove the preset from the configuration, or delete the namespace with everything in it.',
  })
}
