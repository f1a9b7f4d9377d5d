import type { ClusterNode, HostPort } from '../cluster/provider.ts'
import type { LoadedConfig } from '../config/schema.ts'

export interface ReadyCluster {
  readonly name: string
  readonly context: string
  readonly nodes: readonly ClusterNode[]
  /** The engine's network that its nodes are in; undefined for a cluster that devk did not make. */
  readonly network: string | undefined
  /** Ports of the node that are mapped to this machine. */
  readonly ports: readonly HostPort[]
}

/** The engine's network that kind or Minikube puts the nodes of a cluster into. */
export function networkOf(provider: string, cluster: string): string {
  return provider === 'minikube' ? cluster : 'kind'
}

/** The kubeconfig context of a configuration's cluster. */
export function contextOf({ name, cluster }: LoadedConfig): string {
  const own = cluster.name ?? name
  return { kind: `kind-${own}`, minikube: own, existing: cluster.context ?? `kind-${cluster.project}` }[
    cluster.provider
  ]
}
