import type { ClusterNode } from '../../cluster/provider.ts'
import type { ForwardTarget } from '../../forward/connect.ts'
import type { GuardRules } from '../../forward/request-guard.ts'
import type { Kube } from '../../kube/api.ts'
import type { Preset } from '../../presets/folder.ts'

/** A port on 127.0.0.1 and the pod or Service that it leads to. */
export interface PlannedForward {
  readonly name: string
  readonly local: number
  readonly remote: number
  /** Which requests are passed on. */
  readonly guard: GuardRules
  /** Called for each connection; undefined when there is nothing to connect to. */
  readonly target: () => ForwardTarget | undefined
}

/**
 * The forwards that presets ask for. They lead through a node on this machine to the address of the Service, which
 * balances over its pods. There are none when the nodes are on other machines, and none for a Service that does not
 * exist. Throws KUBE_API.
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
        guard: { hosts: [], checksOrigin: true },
        target: () => ({ namespace, name: service, ip: clusterIP, nodeContainer }),
      },
    ]
  })
  return (await Promise.all(planned)).flat()
}
