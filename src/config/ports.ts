import type { Config } from './schema.ts'

/** A port on 127.0.0.1 and the one behind it. */
export interface PortPair {
  readonly local: number
  readonly remote: number
}

/** 8000, "8000" or "18000:8000" (LOCAL:REMOTE) as the schema lets it be written. */
export function portPair(mapping: number | string): PortPair {
  const [local = 0, remote = local] = String(mapping).split(':').map(Number)
  return { local, remote }
}

/** A port of a LoadBalancer Service, and where this machine and the nodes answer for it. */
export interface BalancedPort {
  /** As the configuration writes it: `web`, or `shop/web` with a namespace. */
  readonly service: string
  readonly port: number
  readonly host: number
  readonly nodePort: number
}

/** Last of the node ports that the API server leaves to those who ask for one by number. */
const lastReserved = 30085

/**
 * The configured load balancers, each with a node port that no other mapping names; none on an existing cluster, which has its own.
 * Pure, so that cluster and manifests agree.
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
