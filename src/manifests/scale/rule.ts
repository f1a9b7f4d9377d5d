import type { Scale } from '../../config/schema.ts'
import type { KubeObject } from '../../kube/api.ts'

/** One field that a rule changed; a plain value that `plan` prints. */
export interface AppliedRule {
  /** `Deployment shop/api`. */
  readonly object: string
  /** Path of the rule in the configuration: `scale.replicas`. */
  readonly rule: string
  readonly field: string
  readonly from: string
  /** `left out` for an object that is not deployed. */
  readonly to: string
}

/** What rules may ask of the place the manifests go to. */
export interface ScalePlace {
  /** Name of an external of the configuration → the host it answers at in the cluster. */
  readonly externals: ReadonlyMap<string, string>
  /** Storage classes that the cluster has of its own; undefined where that is not known. */
  readonly storage: { readonly classes: readonly string[]; readonly provisioner: string } | undefined
}

export interface RuleInput {
  /** A copy that the rule may change. */
  readonly object: KubeObject
  readonly scale: Scale
  readonly place: ScalePlace
  /** To be called for each change. */
  readonly note: (rule: string, field: string, from: unknown, to: unknown) => void
}

/** Fits one object to the laptop. `drop` says that it is not to be deployed at all. */
export type ScaleRule = (input: RuleInput) => 'drop' | undefined

type Fields = Record<string, unknown>

/** The mapping at a path below an object; undefined when there is none. */
export function fieldsAt(value: unknown, ...path: readonly string[]): Fields | undefined {
  let at = value
  for (const key of path) at = isFields(at) ? at[key] : undefined
  return isFields(at) ? at : undefined
}

/** The mappings in a list; [] when it is no list. */
export function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
