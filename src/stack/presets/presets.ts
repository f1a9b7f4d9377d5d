import { DevkError } from '../../errors.ts'
import { groupKindOf, type KubeObject, keyOf, nameOf } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import type { RenderedObject } from '../../manifests/rendered.ts'
import type { Preset } from '../../presets/folder.ts'
import { type ConvergeDeps, converge } from '../converge.ts'
import type { DesiredObject } from '../desired/configured.ts'
import { hashed } from '../desired/desired.ts'
import { inStages, stageOf } from '../desired/stages.ts'
import { type Inventory, readInventory, saveInventory, withKinds } from '../inventory.ts'
import { type Observed, observe } from '../observed.ts'
import { type Action, type Plan, planChanges, rejectConflicts, writesNothing } from '../plan.ts'

/** A preset and the objects it is made of here; the first preset that has an object owns it. */
export interface PresetPart {
  readonly preset: Preset
  readonly objects: readonly RenderedObject[]
}

/** What the cluster has of a project's presets, and what is needed to change it. */
export interface PresetStack {
  readonly project: string
  readonly observed: Observed
  readonly inventory: Inventory
  /** Objects of presets that no wanted preset brings. */
  readonly surplus: readonly KubeObject[]
  /** Whether the inventory in the cluster was written for them. */
  readonly noted: boolean
}

/**
 * Compares the wanted presets with the cluster, and notes the kinds of their objects there; changes nothing else.
 * Throws OBJECT_FOREIGN when a namespace or another object of a preset belongs to someone else.
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

/** The same, and changes nothing at all. */
export async function comparePresets(
  project: string,
  parts: readonly PresetPart[],
  { kube, signal }: Pick<ConvergeDeps, 'kube' | 'signal'>,
): Promise<PresetStack> {
  const inventory = await readInventory(kube, project, signal)
  const objects = ownParts(parts).flatMap((part) => part.objects.map(({ object }) => object))
  const observed = await observe(kube, project, objects, inventory.kinds, signal, 'presets')
  const wanted = new Set(objects.map(keyOf))
  const surplus = observed.ours.filter(
    (object) => !wanted.has(keyOf(object)) && object.metadata.deletionTimestamp === undefined,
  )
  rejectForeign(project, planOf(objects.map(withoutOrigin), observed), observed)
  return { project, observed, inventory: withKinds(inventory, objects), surplus, noted: false }
}

/** The parts without the objects that one before has too, such as a namespace they share. */
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

/** The steps that bring one preset to the wanted state. Pure. */
export function presetPlan(stack: PresetStack, part: PresetPart): Plan {
  const wanted = part.objects.map(({ object, origin }) => ({ object, origin, unit: part.preset.name }))
  const ordered = inStages(wanted, ({ object }) => object)
  return planOf(hashed(ordered, stack.inventory.hashKey), stack.observed)
}

/** Carries a preset's plan out and waits until all of it is ready. Gives how many objects were written. Throws as `converge` does. */
export async function installPreset(stack: PresetStack, plan: Plan, deps: ConvergeDeps): Promise<number> {
  await converge({ project: stack.project, plan, observed: stack.observed, dependsOn: {} }, deps)
  return plan.actions.filter((action) => !writesNothing(action)).length
}

/** Cluster-wide defaults that the API server writes into other objects when they are created, and never later. */
const defaulting = new Set([
  'networking.k8s.io/IngressClass',
  'storage.k8s.io/StorageClass',
  'scheduling.k8s.io/PriorityClass',
])

/** What other manifests may rest on: namespaces, definitions and classes; and what is not of that kind. Pure. */
export function inHalves(part: PresetPart): { readonly definitions: PresetPart; readonly rest: PresetPart } {
  const isBelowOthers = ({ object }: RenderedObject) =>
    ['namespaces', 'definitions'].includes(stageOf(object)) || defaulting.has(groupKindOf(object))
  return {
    definitions: { ...part, objects: part.objects.filter(isBelowOthers) },
    rest: { ...part, objects: part.objects.filter((entry) => !isBelowOthers(entry)) },
  }
}

function planOf(wanted: readonly DesiredObject[], observed: Observed): Plan {
  const keys = new Set(wanted.map(({ object }) => keyOf(object)))
  const ours = observed.ours.filter((object) => keys.has(keyOf(object)))
  return planChanges(wanted, { ours, others: observed.others }, { pruneData: false })
}

function rejectForeign(project: string, plan: Plan, { others }: Observed): void {
  rejectConflicts(plan)
  const isForeign = (action: Action) => {
    if (action.do !== 'keep' || action.ref.kind !== 'Namespace') return false
    return others.get(keyOf(action.ref))?.metadata.labels?.[labels.project] !== project
  }
  const foreign = plan.actions.flatMap((action) => (isForeign(action) && 'ref' in action ? [nameOf(action.ref)] : []))
  if (foreign.length === 0) return
  throw new DevkError('OBJECT_FOREIGN', `A preset needs a namespace that belongs to someone else`, {
    details: [...foreign.map((name) => `${name} was there before devk`), 'Nothing was changed.'],
    hint: 'Take the preset out of the configuration, or remove that namespace with all that is in it.',
  })
}

function withoutOrigin(object: KubeObject): DesiredObject {
  return { object, origin: { file: '', line: undefined }, unit: undefined }
}
