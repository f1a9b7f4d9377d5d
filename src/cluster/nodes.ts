import type { ContainerInfo, Engine } from '../engine/api.ts'
import { byCodeUnits, byTrailingNumber } from '../lib/order.ts'
import type { ClusterNode } from './provider.ts'

/** What the cluster layer needs of the engine. */
export interface ClusterEngine extends Pick<Engine, 'containers' | 'exec' | 'networks'> {
  /** How kubectl is called inside a control-plane node; default: as in kind's. */
  readonly kubectl?: readonly string[]
}

const clusterLabel = 'io.x-k8s.kind.cluster'
const roleLabel = 'io.x-k8s.kind.role'

/** A cluster's containers; with several control planes a balancer that is no node is among them. */
export function clusterContainers(
  engine: ClusterEngine,
  cluster: string,
  signal: AbortSignal,
): Promise<readonly ContainerInfo[]> {
  return engine.containers.list([`${clusterLabel}=${cluster}`], signal)
}

/** The nodes among a cluster's containers, control planes first, by name. */
export function toNodes(containers: readonly ContainerInfo[]): ClusterNode[] {
  return containers
    .flatMap((container): ClusterNode[] => {
      const role = container.labels[roleLabel]
      if (role !== 'control-plane' && role !== 'worker') return []
      return [{ name: container.name, role, container: container.name, running: container.state === 'running' }]
    })
    .sort((a, b) => byCodeUnits(a.role, b.role) || byTrailingNumber(a.name, b.name))
}
