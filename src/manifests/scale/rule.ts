import type { Scale } from '../../config/schema.ts'
import type { KubeObject } from '../../kube/api.ts'
import { isRecord } from '../../lib/record.ts'

/** One field that a rule changed, as `devk plan` shows it. */
export interface AppliedRule {
  /** `Deployment shop/api`. */
  readonly object: string
  /** Path of the rule in the configuration: `scale.replicas`. */
  readonly rule: string
  readonly field: string
  readonly from: string
  /** The new value; `left out` for an object that is not deployed. */
  readonly to: string
}

/** What rules need to know about the cluster. */
export interface ScalePlace {
  /** The host name of each external in the cluster, by the name of the external. */
  readonly externals: ReadonlyMap<string, string>
  /** The storage classes of the cluster and its default provisioner; undefined when they are not known. */
  readonly storage: { readonly classes: readonly string[]; readonly provisioner: string } | undefined
}

/** What a rule gets. */
export interface RuleInput {
  /** A copy that the rule may change. */
  readonly object: KubeObject
  readonly scale: Scale
  readonly place: ScalePlace
  /** Records a change. A rule calls it for each one. */
  readonly note: (rule: string, field: string, from: unknown, to: unknown) => void
}

/** Changes one object to fit the laptop. Returns `drop` when the object must not be deployed. */
export type ScaleRule = (input: RuleInput) => 'drop' | undefined

type Fields = Record<string, unknown>

/** The mapping at a path in an object; undefined when there is none. */
export function fieldsAt(value: unknown, ...path: readonly string[]): Fields | undefined {
  let at = value
  for (const key of path) at = isRecord(at) ? at[key] : undefined
  return isRecord(at) ? at : undefined
}

/** The mappings in a list; [] when the value is not a list. */
export function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}
