import { portPair } from '../config/ports.ts'
import type { LoadedConfig } from '../config/schema.ts'
import { type KubeObject, nameOf } from '../kube/api.ts'
import { hostPortsOf, podTemplate } from '../manifests/workload.ts'

interface ServicePort {
  readonly port?: number
  readonly nodePort?: number
}

/**
 * The mappings of `cluster.ports` that lead to a port of the node on which nothing listens, as sentences. The mappings
 * of a cluster cannot be changed later. [] if the project has presets, since these listen on ports of the node too.
 * Pure.
 */
export function unservedPorts(
  { cluster, presets, profile }: Pick<LoadedConfig, 'cluster' | 'presets' | 'profile'>,
  objects: readonly KubeObject[],
): string[] {
  if (presets.length > 0 || profile !== undefined) return []
  const services = objects.flatMap((object) => servicePorts(object).map((port) => ({ object, ...port })))
  const served = new Set([...services.map(({ nodePort }) => nodePort), ...objects.flatMap(hostPorts)])
  // A Service without a fixed node port gets one that nobody knows before.
  const chosen = services.flatMap(({ object, nodePort }) =>
    nodePort === undefined ? [] : [`${nameOf(object)} has ${nodePort}`],
  )
  return cluster.ports.map(portPair).flatMap(({ local, remote }) => {
    if (served.has(remote)) return []
    const known = chosen.length === 0 ? 'No Service has a fixed node port.' : `Node ports: ${chosen.join(', ')}.`
    return [`cluster.ports maps ${local} to port ${remote} of the node, on which no manifest listens. ${known}`]
  })
}

function servicePorts({ kind, spec }: KubeObject): readonly ServicePort[] {
  const { type, ports } = (spec ?? {}) as { type?: string; ports?: readonly ServicePort[] | null }
  return kind === 'Service' && (type === 'NodePort' || type === 'LoadBalancer') ? (ports ?? []) : []
}

function hostPorts(object: KubeObject): number[] {
  const template = podTemplate(object)
  return template === undefined ? [] : hostPortsOf(template).map(({ port }) => port)
}
