/** A policy of namespace x. */
export const policy = (spec: object, name = 'p'): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'x' },
  spec: { podSelector: {}, ...spec },
})

/** Selects the pods of a name. */
export const podNamed = (name: string) => ({ podSelector: { matchLabels: { pod: name } } })

/** Selects the namespace of a name. */
export const space = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
})
