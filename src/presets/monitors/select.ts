/** What relabelling has to do, as Prometheus writes it. */
export interface Relabel {
  readonly source_labels?: readonly string[]
  readonly target_label?: string
  readonly regex?: string
  readonly replacement?: string
  readonly action?: string
  readonly [field: string]: unknown
}

/** A label selector of Kubernetes. */
export interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

/** Relabelling that keeps the targets whose service or pod a selector chooses. Pure. */
export function keepSelected(selector: Selector, of: 'service' | 'pod'): Relabel[] {
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => having(of, key, [value], 'keep'))
  const expressed = (selector.matchExpressions ?? []).flatMap(({ key, operator, values = [] }) => {
    if (operator === 'In') return [having(of, key, values, 'keep')]
    if (operator === 'NotIn') return [having(of, key, values, 'drop')]
    const present = [`__meta_kubernetes_${of}_labelpresent_${labelName(key)}`]
    return [{ source_labels: present, regex: 'true', action: operator === 'Exists' ? 'keep' : 'drop' }]
  })
  return [...equal, ...expressed]
}

/** A label with this value, which must be there: an absent label reads as an empty one. */
function having(of: 'service' | 'pod', key: string, values: readonly string[], action: 'keep' | 'drop'): Relabel {
  const name = labelName(key)
  const source_labels = [`__meta_kubernetes_${of}_label_${name}`, `__meta_kubernetes_${of}_labelpresent_${name}`]
  return { source_labels, regex: `(${values.map(literal).join('|')});true`, action }
}

/** A label of Kubernetes as Prometheus names it: only letters, digits and underscores. */
export function labelName(key: string): string {
  return key.replace(/[^A-Za-z0-9_]/g, '_')
}

/** A text as a regular expression that matches nothing else. */
export function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
