import type { BalancedPort } from '../config/ports.ts'
import type { KubeObject } from '../kube/api.ts'
import { isRecord } from '../lib/record.ts'
import { nearest } from '../lib/text.ts'

interface ServicePort {
  readonly port: number
  readonly nodePort?: number
}

/** The status of a LoadBalancer Service whose ports are mapped to this machine. Docker Desktop sets the same one. */
export const localBalancer = { loadBalancer: { ingress: [{ hostname: 'localhost' }] } }

/** The Service with the node ports that are mapped to this machine. undefined for an object without such ports. */
export function balanced(object: KubeObject, ports: readonly BalancedPort[]): KubeObject | undefined {
  const own = ports.filter(({ service }) => names(service, object))
  if (own.length === 0 || !isBalancer(object)) return undefined
  const nodePorts = new Map(own.map(({ port, nodePort }) => [port, nodePort]))
  const mapped = portsOf(object).map((each) => {
    const nodePort = nodePorts.get(each.port)
    return nodePort === undefined ? each : { ...each, nodePort }
  })
  return { ...object, spec: { ...(object.spec as object), ports: mapped } }
}

/** Entries of `cluster.loadBalancers` that no LoadBalancer Service of the manifests matches, as sentences. */
export function balancerProblems(objects: readonly KubeObject[], ports: readonly BalancedPort[]): string[] {
  const balancers = objects.filter(isBalancer)
  const known = balancers.map(({ metadata }) => metadata.name)
  return ports.flatMap(({ service, port }) => {
    const path = `cluster.loadBalancers.${service}`
    const found = balancers.find((object) => names(service, object))
    if (found === undefined) {
      const near = nearest(service, known)
      const available = known.length === 0 ? 'the manifests have none' : `the manifests have ${known.join(', ')}`
      return [`${path}: no Service of type LoadBalancer; ${near === undefined ? available : `did you mean "${near}"?`}`]
    }
    const offered = portsOf(found).map((each) => each.port)
    return offered.includes(port) ? [] : [`${path}: the Service has no port ${port}; it has ${offered.join(', ')}`]
  })
}

function isBalancer({ kind, apiVersion, spec }: KubeObject): boolean {
  return kind === 'Service' && apiVersion === 'v1' && isRecord(spec) && spec.type === 'LoadBalancer'
}

function names(service: string, { metadata }: KubeObject): boolean {
  const [name, namespace] = service.split('/').reverse()
  return metadata.name === name && (namespace === undefined || metadata.namespace === namespace)
}

function portsOf(object: KubeObject): readonly ServicePort[] {
  const { ports } = object.spec as { ports?: unknown }
  return Array.isArray(ports) ? (ports as ServicePort[]) : []
}
