import type { Config } from './schema.ts'

/** A port of 127.0.0.1, and the port of the node, pod or Service that it leads to. */
export interface PortPair {
  readonly local: number
  readonly remote: number
}

/** Parses a port mapping of the configuration: 8000, "8000" or "18000:8000" (LOCAL:REMOTE). */
export function portPair(mapping: number | string): PortPair {
  const [local = 0, remote = local] = String(mapping).split(':').map(Number)
  return { local, remote }
}

/** A port of a LoadBalancer Service, with the port of this machine and the node port that lead to it. */
export interface BalancedPort {
  /** `web`, or `shop/web` with a namespace. */
  readonly service: string
  readonly port: number
  readonly host: number
  readonly nodePort: number
}

/**
 * The last node port that the API server does not assign by itself: it keeps 30000 to 30085 for Services that request a
 * port by number.
 */
const lastReserved = 30085

/**
 * The configured load balancers, each with a node port that no other mapping uses. The result depends only on the
 * configuration, so that the cluster and the manifests get the same ports. [] on an existing cluster, which provides
 * its own load balancers.
 */
export function balancedPorts({ provider, ports, loadBalancers }: Config['cluster']): BalancedPort[] {
  if (provider === 'existing') return []
  const taken = new Set(ports.map((mapping) => portPair(mapping).remote))
  let next = lastReserved
  return Object.entries(loadBalancers).flatMap(([service, mappings]) =>
    mappings.map((mapping) => {
      while (taken.has(next)) next -= 1
      const { local, remote } = portPair(mapping)
      return { service, port: remote, host: local, nodePort: next-- }
    }),
  )
}
