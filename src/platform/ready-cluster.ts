import type { ClusterNode, HostPort } from '../cluster/provider.ts'
import type { LoadedConfig } from '../config/schema.ts'

/** A cluster that runs, whoever created it. */
export interface ReadyCluster {
  readonly name: string
  readonly context: string
  readonly nodes: readonly ClusterNode[]
  /** The Docker network of its nodes; undefined for a cluster that devk did not create. */
  readonly network: string | undefined
  /** Ports of its nodes that are mapped to this machine. */
  readonly ports: readonly HostPort[]
}

/** The Docker network that kind or Minikube puts the nodes of a cluster into. */
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
