import type { ContainerInfo, Engine } from '../engine/api.ts'
import { byCodeUnits, byTrailingNumber } from '../lib/order.ts'
import type { ClusterNode } from './provider.ts'

/** What this room needs from the engine. */
export interface ClusterEngine extends Pick<Engine, 'containers' | 'exec' | 'networks'> {
  /** The command of kubectl inside a control-plane node. The default is that of kind. */
  readonly kubectl?: readonly string[]
}

const clusterLabel = 'io.x-k8s.kind.cluster'
const roleLabel = 'io.x-k8s.kind.role'

/** The containers of a cluster. With several control planes they include a load balancer, which is not a node. */
export function clusterContainers(
  engine: ClusterEngine,
  cluster: string,
  signal: AbortSignal,
): Promise<readonly ContainerInfo[]> {
  return engine.containers.list([`${clusterLabel}=${cluster}`], signal)
}

/** The nodes among the containers of a cluster: control planes first, then by name. */
export function toNodes(containers: readonly ContainerInfo[]): ClusterNode[] {
  return containers
    .flatMap((container): ClusterNode[] => {
      const role = container.labels[roleLabel]
      if (role !== 'control-plane' && role !== 'worker') return []
      return [{ name: container.name, role, container: container.name, running: container.state === 'running' }]
    })
    .sort((a, b) => byCodeUnits(a.role, b.role) || byTrailingNumber(a.name, b.name))
}
