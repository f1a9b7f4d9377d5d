import type { KubeObject } from '../../kube/api.ts'
import { podTemplate } from '../../manifests/workload.ts'

interface ServicePort {
  readonly port?: number
  readonly targetPort?: number | string
  readonly protocol?: string
}

interface ContainerPort {
  readonly name?: string
  readonly containerPort?: number
}

/**
 * The port of a workload's pods that a forward to `port` means. If no container declares the port, and a Service that
 * selects the pods maps it to another port, the forward goes to that port, as `kubectl port-forward service/NAME` does.
 * `workload` and `objects` have their namespaces. Pure.
 */
export function podPort(port: number, workload: KubeObject, objects: readonly KubeObject[]): number {
  const declared = declaredPorts(workload)
  if (declared.some(({ containerPort }) => containerPort === port)) return port
  const targets = objects
    .filter((object) => selects(object, workload))
    .flatMap((object) => ((object.spec as { ports?: readonly ServicePort[] }).ports ?? []).filter(isTcp))
    .filter((mapping) => mapping.port === port)
    .map(({ targetPort = port }) =>
      typeof targetPort === 'number' ? targetPort : declared.find(({ name }) => name === targetPort)?.containerPort,
    )
  return targets.find((target) => target !== undefined) ?? port
}

function isTcp({ protocol = 'TCP' }: ServicePort): boolean {
  return protocol === 'TCP'
}

function declaredPorts(workload: KubeObject): ContainerPort[] {
  const containers = podTemplate(workload)?.spec.containers ?? []
  return containers.flatMap(({ ports }) => (Array.isArray(ports) ? (ports as ContainerPort[]) : []))
}

function selects(object: KubeObject, workload: KubeObject): boolean {
  if (object.kind !== 'Service' || object.apiVersion !== 'v1') return false
  if (object.metadata.namespace !== workload.metadata.namespace) return false
  const selector = Object.entries((object.spec as { selector?: Record<string, string> } | undefined)?.selector ?? {})
  const labels = podTemplate(workload)?.metadata?.labels ?? {}
  return selector.length > 0 && selector.every(([key, value]) => labels[key] === value)
}
