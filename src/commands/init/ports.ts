import { groupKindOf, type KubeObject } from '../../kube/api.ts'
import { podTemplate } from '../../manifests/workload.ts'

interface ServiceSpec {
  readonly type?: string
  readonly selector?: Readonly<Record<string, string>>
  readonly ports?: readonly { readonly port: number; readonly nodePort?: number }[]
}

/** How this machine reaches the services of a project. */
export interface PublishedPorts {
  /** For `cluster.ports`. */
  readonly nodePorts: number[]
  /** For `cluster.loadBalancers`. */
  readonly loadBalancers: Record<string, string>
  /** For one service, given the workloads that run it: a URL if a Service publishes it, otherwise a port to forward. */
  of(workloads: readonly KubeObject[]): { url?: string; ports?: string[] }
}

/**
 * Assigns ports of this machine to the Services of the manifests, each port once. `built` are the workloads whose
 * images the project builds. Pure, except that `of` also takes ports, so the order of its calls matters.
 */
export function published(objects: readonly KubeObject[], built: ReadonlySet<KubeObject>): PublishedPorts {
  const taken = new Set<number>()
  const free = (wanted: number): number => {
    let port = wanted < 1024 ? wanted + 8000 : wanted
    while (taken.has(port)) port += port + 10_000 > 65535 ? 1 : 10_000
    taken.add(port)
    return port
  }
  const services = objects.filter((object) => groupKindOf(object) === '/Service')
  const nodePorts: number[] = []
  const loadBalancers: Record<string, string> = {}
  const urls = new Map<KubeObject, string>()
  for (const service of services) {
    const { type, ports: [first] = [] } = service.spec as ServiceSpec
    const { name } = service.metadata
    if (type === 'NodePort' && first?.nodePort !== undefined && !taken.has(first.nodePort)) {
      taken.add(first.nodePort)
      nodePorts.push(first.nodePort)
      urls.set(service, `http://localhost:${first.nodePort}`)
    }
    if (type === 'LoadBalancer' && first !== undefined && !(name in loadBalancers)) {
      const local = free(first.port)
      loadBalancers[name] = `${local}:${first.port}`
      urls.set(service, `http://localhost:${local}`)
    }
  }
  const selecting = (workload: KubeObject) => services.filter((service) => selects(service, workload))
  return {
    nodePorts,
    loadBalancers,
    of(workloads) {
      const own = workloads.filter((each) => built.has(each)).flatMap(selecting)
      const open = own.find((service) => urls.has(service))
      if (open !== undefined) return { url: urls.get(open) ?? '' }
      const port = workloads.flatMap(containerPorts)[0]
      if (port === undefined || own.length === 0) return {}
      const local = free(port)
      return { ports: [local === port ? String(port) : `${local}:${port}`] }
    },
  }
}

function selects({ spec, metadata }: KubeObject, workload: KubeObject): boolean {
  const wanted = Object.entries((spec as ServiceSpec).selector ?? {})
  const labels = podTemplate(workload)?.metadata?.labels ?? {}
  const sameSpace = metadata.namespace === workload.metadata.namespace
  return sameSpace && wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value)
}

function containerPorts(workload: KubeObject): number[] {
  const containers = podTemplate(workload)?.spec.containers ?? []
  const ports = containers.flatMap(({ ports: own }) => (own as { containerPort?: number }[] | undefined) ?? [])
  return ports.flatMap(({ containerPort }) => containerPort ?? [])
}
