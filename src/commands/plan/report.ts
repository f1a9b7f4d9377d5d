import type { LoadedConfig } from '../../config/schema.ts'
import { keyOf, nameOf } from '../../kube/api.ts'
import { contextOf } from '../../platform/ready-cluster.ts'
import type { Amount } from '../../stack/capacity/demand.ts'
import { type FieldChange, fieldChanges } from '../../stack/diff.ts'
import type { Preparation } from '../../up/prepare.ts'
import type { PlannedPreset } from './presets.ts'

export interface PlannedChange {
  readonly action: 'create' | 'update' | 'replace' | 'delete' | 'keep'
  readonly object: string
  readonly why: string | null
  readonly fields: readonly FieldChange[]
}

export interface PlannedFit {
  readonly fits: boolean
  readonly requested: Amount
  readonly available: Amount
  /** What finds no room, or is tight. */
  readonly problems: readonly string[]
  /** Rules that would make it fit, as the configuration writes them. */
  readonly suggestion: string | null
}

/** `plan --json`; the shape is part of the command contract. */
export interface PlanReport {
  readonly project: string
  readonly cluster: { readonly context: string; readonly exists: boolean }
  readonly overlay: string | null
  readonly rules: Preparation['rules']
  readonly changes: readonly PlannedChange[]
  /** What would be done for each preset. */
  readonly presets: readonly PlannedPreset[]
  /** Objects that stay as they are. */
  readonly unchanged: number
  /** Services and externals whose image would be built or loaded, as far as their workloads change. */
  readonly images: readonly string[]
  /** Whether the nodes can hold it; null for an existing cluster, and while the engine does not run. */
  readonly fit: PlannedFit | null
}

/** What a preparation would change, as `plan` reports it; `exists` tells whether the cluster answers. */
export function reportOf(
  config: LoadedConfig,
  exists: boolean,
  { prepared, rules, works }: Preparation,
): Omit<PlanReport, 'fit' | 'presets'> {
  const there = new Map(prepared.observed.ours.map((object) => [keyOf(object), object]))
  const changes = prepared.plan.actions.flatMap((action): PlannedChange[] => {
    if (action.do === 'unchanged' || action.do === 'conflict' || action.do === 'patch') return []
    if (!('wanted' in action)) {
      return [{ action: action.do, object: nameOf(action.ref), why: 'why' in action ? action.why : null, fields: [] }]
    }
    const { object } = action.wanted
    const before = action.do === 'create' ? undefined : there.get(keyOf(object))
    const fields = before === undefined ? [] : fieldChanges(before, object)
    return [{ action: action.do, object: nameOf(object), why: 'why' in action ? action.why : null, fields }]
  })
  const changed = JSON.stringify(
    prepared.plan.actions.flatMap((action) => ('wanted' in action && action.do !== 'unchanged' ? [action.wanted] : [])),
  )
  return {
    project: config.name,
    cluster: { context: contextOf(config), exists },
    overlay: config.overlay ?? null,
    rules,
    changes,
    unchanged: prepared.plan.actions.filter(({ do: what }) => what === 'unchanged').length,
    images: works.filter(({ reference }) => changed.includes(JSON.stringify(reference))).map(({ owner }) => owner),
  }
}
