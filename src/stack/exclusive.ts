import { type KubeObject, keyOf } from '../kube/api.ts'
import { hostPortsOf, podTemplate } from '../manifests/workload.ts'

/**
 * What only one object can have at a time, or must not share with another one: node ports, cluster IPs, ports of the
 * node, and volume claims, on which two databases at once would damage the data. Pure.
 */
function exclusivesOf(object: KubeObject): Set<string> {
  if (object.kind === 'Service') return new Set(ofService(object))
  const template = podTemplate(object)
  if (template === undefined) return new Set()
  const namespace = object.metadata.namespace ?? 'default'
  const { volumes } = template.spec as PodFields
  const ports = hostPortsOf(template).map(({ port, protocol }) => `host port ${port}/${protocol}`)
  const claims = (volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
    claim?.claimName === undefined ? [] : [`volume claim ${namespace}/${claim.claimName}`],
  )
  return new Set([...ports, ...claims])
}

interface PodFields {
  readonly volumes?: readonly { persistentVolumeClaim?: { claimName?: string } | null }[] | null
}

interface ServiceFields {
  readonly clusterIP?: string
  readonly ports?: readonly { nodePort?: number; protocol?: string }[] | null
}

function ofService({ spec }: KubeObject): string[] {
  const { clusterIP, ports } = (spec ?? {}) as ServiceFields
  const ip = clusterIP === undefined || clusterIP === 'None' || clusterIP === '' ? [] : [`cluster IP ${clusterIP}`]
  const nodePorts = (ports ?? []).flatMap(({ nodePort, protocol = 'TCP' }) =>
    nodePort === undefined || nodePort === 0 ? [] : [`node port ${nodePort}/${protocol}`],
  )
  return [...ip, ...nodePorts]
}

/** A copy of a Service without what only one Service can have; other objects as they are. */
export function withoutExclusives(object: KubeObject): KubeObject {
  if (object.kind !== 'Service') return object
  const { clusterIP, clusterIPs, healthCheckNodePort, ...spec } = (object.spec ?? {}) as Record<string, unknown>
  const ports = ((spec.ports ?? []) as Record<string, unknown>[]).map(({ nodePort: _, ...port }) => port)
  return { ...object, spec: { ...spec, ports, ...(clusterIP === 'None' ? { clusterIP } : {}) } }
}

/** What `holder` has and `wanted` needs, though they are two objects; undefined if there is nothing. Pure. */
export function obstacle(holder: KubeObject, wanted: KubeObject): string | undefined {
  if (keyOf(holder) === keyOf(wanted)) return undefined
  const needed = exclusivesOf(wanted)
  return [...exclusivesOf(holder)].find((each) => needed.has(each))
}
