import type { ContainerInfo } from '../engine/api.ts'
import type { Kube, KubeObject } from '../kube/api.ts'
import { statusOf } from '../kube/client/client.ts'
import type { ClusterEngine } from './nodes.ts'
import type { ClusterNode } from './provider.ts'

/**
 * The nodes of an existing cluster; [] when devk has no permission to list them. With `local`, nodes that are
 * containers of this engine (kind, k3d, Minikube) have `container` set. A container is the node when it has the name
 * and an address of the node and runs on the same kernel boot.
 */
export async function existingNodes(
  kube: Kube,
  engine: ClusterEngine,
  local: boolean,
  signal: AbortSignal,
): Promise<ClusterNode[]> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' }, { signal }).catch((error: unknown) => {
    if (statusOf(error) === 403) return []
    throw error
  })
  return Promise.all(
    nodes.map(async (node): Promise<ClusterNode> => {
      const isPlane = 'node-role.kubernetes.io/control-plane' in (node.metadata.labels ?? {})
      const container = local ? await containerOf(node, engine, signal) : undefined
      return { name: node.metadata.name, role: isPlane ? 'control-plane' : 'worker', container, running: true }
    }),
  )
}

interface NodeStatus {
  readonly addresses?: readonly { readonly type: string; readonly address: string }[]
  readonly nodeInfo?: { readonly bootID?: string }
}

async function containerOf(node: KubeObject, engine: ClusterEngine, signal: AbortSignal): Promise<string | undefined> {
  const container = await engine.containers.inspect(node.metadata.name, signal)
  if (container?.state !== 'running' || !hasAddress(container, node.status as NodeStatus)) return undefined
  const file = '/proc/sys/kernel/random/boot_id'
  const { exitCode, stdout } = await engine.exec.run(container.name, ['cat', file], {}, signal)
  const same = exitCode === 0 && stdout.trim() === (node.status as NodeStatus).nodeInfo?.bootID
  return same ? container.name : undefined
}

function hasAddress({ networks }: ContainerInfo, { addresses = [] }: NodeStatus): boolean {
  const own = Object.values(networks)
  return addresses.some(({ type, address }) => type === 'InternalIP' && own.includes(address))
}
