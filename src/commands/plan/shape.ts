import type { AppliedRule } from '../../manifests/scale/rule.ts'
import type { Amount } from '../../stack/capacity/demand.ts'
import type { FieldChange } from '../../stack/diff.ts'

/** What `up` would do for one preset, as numbers of objects. */
export interface PlannedPreset {
  readonly name: string
  /** null for a preset that is no longer configured. */
  readonly version: string | null
  readonly create: number
  readonly change: number
  readonly delete: number
  readonly unchanged: number
}

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
  readonly rules: readonly AppliedRule[]
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
