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
import { withGenerated } from '../desired/generated.ts'
import { inStages, stageOf } from '../desired/stages.ts'
import { releasesOf, withDueHooks } from '../hooks/due.ts'
import { type ReleaseRecord, readReleases, saveReleases } from '../hooks/record.ts'
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
  /** The releases of the presets that are charts with hooks, by preset, as they were last brought up. */
  readonly recorded: ReadonlyMap<string, ReleaseRecord>
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
  const hooked = parts.filter((part) => part.objects.some(({ release }) => release?.hook !== undefined))
  const recorded = await Promise.all(
    hooked.map(async ({ preset: { name } }) => {
      return [name, await readReleases(kube, { project, preset: name }, signal)] as const
    }),
  )
  return {
    project,
    observed,
    inventory: withKinds(inventory, objects),
    surplus,
    noted: false,
    recorded: new Map(recorded),
  }
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

/** A part of a preset's objects, see `isNeededFirst`. */
export type PresetHalf = 'definitions' | 'rest'

/** What installing a preset, or a half of it, does. */
export interface PresetPlan {
  readonly preset: string
  readonly plan: Plan
  /** To be recorded when the preset is up: its releases, if one of them is new or has changed. */
  readonly releases?: ReleaseRecord
}

/**
 * The plan for one preset, or for a half of it. Deletions are not in it: see `prunePresets`. Values that a chart
 * generates stay as the cluster has them, and its hooks are in the plan when they are due. Pure.
 */
export function presetPlan(stack: PresetStack, { preset, objects }: PresetPart, half?: PresetHalf): PresetPlan {
  const { observed, inventory, recorded } = stack
  const existing = new Map(observed.ours.map((object) => [keyOf(object), object]))
  const generates = objects.some(({ generated }) => generated !== undefined)
  const kept = generates ? withGenerated(objects, existing) : objects
  const wanted = kept.map((entry): DesiredObject => ({ ...entry, unit: preset.name }))
  const ordered = hashed(
    inStages(wanted, ({ object }) => object),
    inventory.hashKey,
  )
  const releases = releasesOf(ordered, inventory.hashKey)
  const before = recorded.get(preset.name) ?? {}
  const own =
    half === undefined ? ordered : ordered.filter((entry) => isNeededFirst(entry) === (half === 'definitions'))
  const plan = withDueHooks(planOf(own, observed), releases, before)
  const isNew = Object.entries(releases).some(([name, hash]) => before[name] !== hash)
  return { preset: preset.name, plan, ...(isNew && half !== 'definitions' ? { releases } : {}) }
}

/**
 * Applies a preset's plan and waits until its objects are ready. Returns how many were written. Throws as `converge`
 * does.
 */
export async function installPreset(
  stack: PresetStack,
  { preset, plan, releases }: PresetPlan,
  deps: ConvergeDeps,
): Promise<number> {
  const { project, observed } = stack
  const known = await checkUpdates(plan, observed, deps)
  await converge({ project, plan: known, observed, dependsOn: {} }, deps)
  if (releases !== undefined) await saveReleases(deps.kube, { project, preset }, releases, deps.signal)
  return plan.actions.filter((action) => !writesNothing(action)).length
}

/** Classes whose names the API server writes into other objects as a default, but only when these are created. */
const defaulting = new Set([
  'networking.k8s.io/IngressClass',
  'storage.k8s.io/StorageClass',
  'scheduling.k8s.io/PriorityClass',
])

/**
 * Whether other manifests may need the object first: a namespace, a definition or a class. A hook has its own time.
 */
function isNeededFirst({ object, release }: RenderedObject): boolean {
  if (release?.hook !== undefined) return false
  return ['namespaces', 'definitions'].includes(stageOf(object)) || defaulting.has(groupKindOf(object))
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
