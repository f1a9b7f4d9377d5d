import type { KubeObject } from '../kube/api.ts'
import { type PodTemplate, podTemplate } from './workload.ts'

/** A port of a Service. */
export interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly targetPort?: number | string
  readonly protocol?: string
}

interface ContainerPort {
  readonly name?: string
  readonly containerPort?: number
}

/** The selector of a Service; {} if it has none. Pure. */
export function selectorOf({ spec }: KubeObject): Readonly<Record<string, string>> {
  return (spec as { selector?: Record<string, string> } | undefined)?.selector ?? {}
}

/** The labels of a workload's pods. Pure. */
export function labelsOf(workload: KubeObject): Readonly<Record<string, string>> {
  return podTemplate(workload)?.metadata?.labels ?? {}
}

/** Whether a Service selects the pods of a workload, by its own selector or another one. Pure. */
export function selects(service: KubeObject, workload: KubeObject, selector = selectorOf(service)): boolean {
  const wanted = Object.entries(selector)
  const own = labelsOf(workload)
  const near = service.metadata.namespace === workload.metadata.namespace
  return near && wanted.length > 0 && wanted.every(([key, value]) => own[key] === value)
}

/** The TCP ports of a Service. Pure. */
export function tcpPorts({ spec }: KubeObject): ServicePort[] {
  const { ports = [] } = (spec ?? {}) as { ports?: readonly ServicePort[] }
  return ports.filter(({ protocol = 'TCP' }) => protocol === 'TCP')
}

/** The ports that the containers of a pod declare. Pure. */
export function declaredPorts(template: PodTemplate | undefined): ContainerPort[] {
  const containers = template?.spec.containers ?? []
  return containers.flatMap(({ ports }) => (Array.isArray(ports) ? (ports as ContainerPort[]) : []))
}

/** The port of the pods that a port of a Service leads to; undefined if no container declares its name. Pure. */
export function targetPortOf(
  { port, targetPort = port }: ServicePort,
  template: PodTemplate | undefined,
): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  return declaredPorts(template).find(({ name }) => name === targetPort)?.containerPort
}
