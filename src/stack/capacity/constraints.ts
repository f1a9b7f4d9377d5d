import type { PodTemplate } from '../../manifests/workload.ts'

interface Expression {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

/** A label selector, of pods. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly Expression[]
}

/** One of the terms of a required node affinity; each of its expressions has to hold. */
export interface NodeTerm {
  readonly matchExpressions?: readonly Expression[]
  readonly matchFields?: readonly Expression[]
}

/** Pods that one must not meet below the same value of a node's label. */
export interface Apart {
  readonly topologyKey: string
  readonly selector: LabelSelector
  /** Namespaces of those pods; undefined: its own. */
  readonly namespaces: readonly string[] | undefined
}

/** Pods that must be spread over the values of a node's label. */
export interface Spread {
  readonly topologyKey: string
  readonly maxSkew: number
  readonly selector: LabelSelector
}

/** What a pod requires of where it runs, besides its node selector and tolerations. */
export interface Constraints {
  /** One of these must hold of a node; undefined: none is asked for. */
  readonly nodeTerms: readonly NodeTerm[] | undefined
  readonly apart: readonly Apart[]
  readonly spread: readonly Spread[]
  /** It must run beside other pods, which is not looked at. */
  readonly beside: boolean
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

/** What a pod template requires; what it only prefers is left out. Pure. */
export function constraintsOf({ spec }: Pick<PodTemplate, 'spec'>): Constraints {
  const { nodeAffinity, podAffinity, podAntiAffinity } = (spec.affinity ?? {}) as Affinity
  const spread = (spec.topologySpreadConstraints ?? []) as SpreadConstraint[]
  return {
    nodeTerms: nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    // Without a selector no pod is meant.
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
    beside: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).length > 0,
  }
}

/** Whether a pod's labels are what a selector asks for. */
export function selects(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  const all = Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
  return all && matchExpressions.every((each) => holds(each, labels))
}

/** Whether a node is one that the terms allow. An empty term allows none. */
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
      matchExpressions.every((each) => holds(each, labels)) &&
      matchFields.every((each) => holds(each, { 'metadata.name': name }))
    )
  })
}

function holds({ key, operator, values = [] }: Expression, labels: Readonly<Record<string, string>>): boolean {
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
