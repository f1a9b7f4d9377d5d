import type { PodTemplate } from '../../manifests/workload.ts'

interface Expression {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

/** A label selector for pods. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly Expression[]
}

/** A term of a required node affinity. All of its expressions must match. */
export interface NodeTerm {
  readonly matchExpressions?: readonly Expression[]
  readonly matchFields?: readonly Expression[]
}

/** A required pod anti-affinity: the pod must not run in one topology domain with the selected pods. */
export interface Apart {
  readonly topologyKey: string
  readonly selector: LabelSelector
  /** Namespaces of the selected pods; undefined for the pod's own. */
  readonly namespaces: readonly string[] | undefined
}

/** A hard topology spread constraint. */
export interface Spread {
  readonly topologyKey: string
  readonly maxSkew: number
  readonly selector: LabelSelector
}

/** What a pod requires of its node, besides node selector and tolerations. */
export interface Constraints {
  /** The node must match one of these; undefined if there is no required node affinity. */
  readonly nodeTerms: readonly NodeTerm[] | undefined
  readonly apart: readonly Apart[]
  readonly spread: readonly Spread[]
  /** Whether it has a required pod affinity, which devk does not check. */
  readonly hasPodAffinity: boolean
}

interface Affinity {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: NodeTerm[] }
  }
  readonly podAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: unknown[] }
  readonly podAntiAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: {
      readonly topologyKey: string
      readonly labelSelector?: LabelSelector
      readonly namespaces?: readonly string[]
    }[]
  }
}

interface SpreadConstraint {
  readonly topologyKey: string
  readonly maxSkew: number
  readonly whenUnsatisfiable?: string
  readonly labelSelector?: LabelSelector
}

/** What a pod template requires of its node. Preferences are left out. Pure. */
export function constraintsOf({ spec }: Pick<PodTemplate, 'spec'>): Constraints {
  const { nodeAffinity, podAffinity, podAntiAffinity } = (spec.affinity ?? {}) as Affinity
  const spread = (spec.topologySpreadConstraints ?? []) as SpreadConstraint[]
  return {
    nodeTerms: nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    // A term without a selector matches no pods.
    apart: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term) =>
      term.labelSelector === undefined
        ? []
        : [{ topologyKey: term.topologyKey, selector: term.labelSelector, namespaces: term.namespaces }],
    ),
    spread: spread.flatMap(({ topologyKey, maxSkew, whenUnsatisfiable, labelSelector }) =>
      whenUnsatisfiable === 'ScheduleAnyway' || labelSelector === undefined
        ? []
        : [{ topologyKey, maxSkew, selector: labelSelector }],
    ),
    hasPodAffinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).length > 0,
  }
}

/** Whether a selector matches a pod's labels. Pure. */
export function selects(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  const all = Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
  return all && matchExpressions.every((each) => matches(each, labels))
}

/** Whether one of the terms matches a node. An empty term matches none. Pure. */
export function allows(
  terms: readonly NodeTerm[] | undefined,
  name: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (terms === undefined) return true
  return terms.some(({ matchExpressions = [], matchFields = [] }) => {
    const isEmpty = matchExpressions.length + matchFields.length === 0
    return (
      !isEmpty &&
      matchExpressions.every((each) => matches(each, labels)) &&
      matchFields.every((each) => matches(each, { 'metadata.name': name }))
    )
  })
}

function matches({ key, operator, values = [] }: Expression, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return Number(value) > Number(values[0])
    case 'Lt':
      return Number(value) < Number(values[0])
    default:
      return false
  }
}
