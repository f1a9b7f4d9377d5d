/** A NetworkPolicy of namespace x for all its pods, unless `spec` has another podSelector. */
export const networkPolicy = (spec: object, name = 'p'): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'x' },
  spec: { podSelector: {}, ...spec },
})

/** Selects the pods of this name, in a NetworkPolicy. */
export const podsNamed = (name: string) => ({ podSelector: { matchLabels: { pod: name } } })

/** Selects the namespace of this name, in a NetworkPolicy. */
export const namespaceNamed = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
})
