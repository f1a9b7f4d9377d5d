import { groupKindOf, type KubeObject } from '../../kube/api.ts'
import { selects } from '../../manifests/service.ts'
import { podTemplate } from '../../manifests/workload.ts'
import { hostsOf } from './hosts.ts'

interface ServiceSpec {
  readonly type?: string
  readonly ports?: readonly { readonly port?: unknown; readonly nodePort?: unknown }[]
}

/** How this machine reaches the services of a project. */
export interface PublishedPorts {
  /** For `cluster.ports`. */
  readonly nodePorts: number[]
  /** For `cluster.loadBalancers`. */
  readonly loadBalancers: Record<string, string | string[]>
  /** For one service, given the workloads that run it: a URL if a Service publishes it, otherwise a port to forward. */
  of(workloads: readonly KubeObject[]): { url?: string; ports?: string[] }
  /** Hosts of Ingresses and routes that do not lead to this machine, and the names to use here. For `scale.hosts`. */
  readonly hosts: Record<string, string>
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
  const loadBalancers: Record<string, string | string[]> = {}
  const urls = new Map<KubeObject, string>()
  for (const service of services) {
    const { type, ports = [] } = specOf(service)
    const { name } = service.metadata
    const numbers = ports.map(({ port }) => port).filter((port) => typeof port === 'number')
    const node = ports[0]?.nodePort
    if (type === 'NodePort' && typeof node === 'number' && !taken.has(node)) {
      taken.add(node)
      nodePorts.push(node)
      urls.set(service, `http://localhost:${node}`)
    }
    if (type === 'LoadBalancer' && numbers.length > 0 && !(name in loadBalancers)) {
      const maps = numbers.map((port) => ({ local: free(port), port }))
      const texts = maps.map(({ local, port }) => `${local}:${port}`)
      loadBalancers[name] = texts.length === 1 ? (texts[0] ?? '') : texts
      urls.set(service, `http://localhost:${maps[0]?.local}`)
    }
  }
  const { hosts, backends } = hostsOf(objects)
  const selecting = (workload: KubeObject) => services.filter((service) => selects(service, workload))
  return {
    nodePorts,
    loadBalancers,
    hosts,
    of(workloads) {
      const own = workloads.filter((each) => built.has(each)).flatMap(selecting)
      const open = own.find((service) => urls.has(service))
      if (open !== undefined) return { url: urls.get(open) ?? '' }
      const routed = own.map(({ metadata }) => backends.get(metadata.name)).find((host) => host !== undefined)
      if (routed !== undefined) return { url: `http://${routed}` }
      const ports = [...new Set(workloads.flatMap((workload) => containerPorts(workload).slice(0, 1)))].map((port) => {
        const local = free(port)
        return local === port ? String(port) : `${local}:${port}`
      })
      return ports.length === 0 ? {} : { ports }
    },
  }
}

function specOf({ spec }: KubeObject): ServiceSpec {
  return (spec ?? {}) as ServiceSpec
}

function containerPorts(workload: KubeObject): number[] {
  // What ends answers nobody.
  if (/^(Job|CronJob)$/.test(workload.kind)) return []
  const containers = podTemplate(workload)?.spec.containers ?? []
  const ports = containers.flatMap(({ ports: own }) => (own as { containerPort?: unknown }[] | undefined) ?? [])
  return ports.flatMap(({ containerPort }) =>
    typeof containerPort === 'number' && containerPort > 0 && containerPort < 65536 ? containerPort : [],
  )
}
