/** A relabeling rule of Prometheus. */
export interface Relabel {
  readonly source_labels?: readonly string[]
  readonly target_label?: string
  readonly regex?: string
  readonly replacement?: string
  readonly action?: string
  readonly [field: string]: unknown
}

/** A Kubernetes label selector. */
export interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

/** Relabeling rules that keep the targets whose Service or pod matches a selector. Pure. */
export function keepSelected(selector: Selector, of: 'service' | 'pod'): Relabel[] {
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => labelRule(of, key, [value], 'keep'))
  const expressed = (selector.matchExpressions ?? []).flatMap(({ key, operator, values = [] }) => {
    if (operator === 'In') return [labelRule(of, key, values, 'keep')]
    if (operator === 'NotIn') return [labelRule(of, key, values, 'drop')]
    const present = [`__meta_kubernetes_${of}_labelpresent_${labelName(key)}`]
    return [{ source_labels: present, regex: 'true', action: operator === 'Exists' ? 'keep' : 'drop' }]
  })
  return [...equal, ...expressed]
}

/**
 * A rule for the values of a label. It also requires that the label exists, since a missing label has an empty value.
 */
function labelRule(of: 'service' | 'pod', key: string, values: readonly string[], action: 'keep' | 'drop'): Relabel {
  const name = labelName(key)
  const source_labels = [`__meta_kubernetes_${of}_label_${name}`, `__meta_kubernetes_${of}_labelpresent_${name}`]
  return { source_labels, regex: `(${values.map(literal).join('|')});true`, action }
}

/** The name of a Kubernetes label in Prometheus: only letters, digits and underscores. Pure. */
export function labelName(key: string): string {
  return key.replace(/[^A-Za-z0-9_]/g, '_')
}

/** A regular expression that matches only this text. Pure. */
export function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
