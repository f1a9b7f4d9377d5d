import type { ClusterNode } from '../../cluster/provider.ts'
import type { ForwardTarget } from '../../forward/connect.ts'
import type { Kube } from '../../kube/api.ts'
import type { Preset } from '../../presets/folder.ts'

/** A port at 127.0.0.1, and what it leads to at the moment of a connection. */
export interface PlannedForward {
  readonly name: string
  readonly local: number
  readonly remote: number
  readonly target: () => ForwardTarget | undefined
}

/**
 * The forwards that presets ask for: from a node of this machine to the address of the Service, which spreads over its pods by itself.
 * None where the nodes are elsewhere, and none for a Service that is not there.
 */
export async function presetForwards(
  kube: Pick<Kube, 'get'>,
  presets: readonly Pick<Preset, 'namespace' | 'ports'>[],
  nodes: readonly ClusterNode[],
  signal: AbortSignal,
): Promise<PlannedForward[]> {
  const nodeContainer = nodes.find(({ container, running }) => running && container !== undefined)?.container
  if (nodeContainer === undefined) return []
  const wanted = presets.flatMap(({ namespace, ports }) => ports.map((port) => ({ ...port, namespace })))
  const planned = wanted.map(async ({ namespace, service, name, port, forward }): Promise<PlannedForward[]> => {
    if (forward === undefined) return []
    const found = await kube.get({ apiVersion: 'v1', kind: 'Service', name: service, namespace }, signal)
    const { clusterIP } = (found?.spec ?? {}) as { clusterIP?: string }
    if (!clusterIP || clusterIP === 'None') return []
    return [
      {
        name,
        local: forward,
        remote: port,
        target: () => ({ namespace, name: service, ip: clusterIP, nodeContainer }),
      },
    ]
  })
  return (await Promise.all(planned)).flat()
}
