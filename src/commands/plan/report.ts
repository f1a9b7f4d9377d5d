import type { LoadedConfig } from '../../config/schema.ts'
import { keyOf, nameOf } from '../../kube/api.ts'
import { contextOf } from '../../platform/ready-cluster.ts'
import type { Amount } from '../../stack/capacity/demand.ts'
import { type FieldChange, fieldChanges } from '../../stack/diff.ts'
import type { Preparation } from '../../up/prepare.ts'
import type { PlannedPreset } from './presets.ts'

/** What `up` would do with one object. */
export interface PlannedChange {
  /** `refuse`: `up` would end with an error, as the change is not possible without a loss. */
  readonly action: 'create' | 'update' | 'replace' | 'refuse' | 'delete' | 'keep'
  readonly object: string
  readonly why: string | null
  readonly fields: readonly FieldChange[]
}

/** Whether the stack fits on the nodes. CPU in thousandths, memory in bytes. */
export interface PlannedFit {
  readonly fits: boolean
  readonly requested: Amount
  readonly available: Amount
  /** The pods that do not fit, and the nodes that are nearly full. */
  readonly problems: readonly string[]
  /** `scale` rules that would make the stack fit, in the syntax of the configuration. */
  readonly suggestion: string | null
}

/** `plan --json`; the shape is part of the command contract. */
export interface PlanReport {
  readonly project: string
  readonly cluster: { readonly context: string; readonly exists: boolean }
  readonly overlay: string | null
  readonly rules: Preparation['rules']
  readonly changes: readonly PlannedChange[]
  /** What `up` would do for each preset. */
  readonly presets: readonly PlannedPreset[]
  /** What `up` will warn about, in sentences. */
  readonly notes: readonly string[]
  /** Number of objects that do not change. */
  readonly unchanged: number
  /** Services and externals whose workloads change because of a new image. */
  readonly images: readonly string[]
  /** Whether the stack fits on the nodes; null for an existing cluster, and if no engine is running. */
  readonly fit: PlannedFit | null
}

/** The report about a preparation. `exists` is whether the cluster answers. Pure. */
export function reportOf(
  config: LoadedConfig,
  exists: boolean,
  { prepared, rules, works, notes }: Preparation,
): Omit<PlanReport, 'fit' | 'presets'> {
  const existing = new Map(prepared.observed.ours.map((object) => [keyOf(object), object]))
  const changes = prepared.plan.actions.flatMap((action): PlannedChange[] => {
    if (action.do === 'unchanged' || action.do === 'conflict' || action.do === 'patch') return []
    if (!('wanted' in action)) {
      return [{ action: action.do, object: nameOf(action.ref), why: 'why' in action ? action.why : null, fields: [] }]
    }
    const { object } = action.wanted
    const before = action.do === 'create' ? undefined : existing.get(keyOf(object))
    const preview = 'preview' in action ? action.preview : undefined
    const fields = before === undefined ? [] : fieldChanges(before, object, preview)
    const why = action.do === 'refuse' ? `${action.why}; ${action.way}` : 'why' in action ? action.why : null
    return [{ action: action.do, object: nameOf(object), why, fields }]
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
    notes,
    unchanged: prepared.plan.actions.filter(({ do: what }) => what === 'unchanged').length,
    images: works.filter(({ reference }) => changed.includes(JSON.stringify(reference))).map(({ owner }) => owner),
  }
}
