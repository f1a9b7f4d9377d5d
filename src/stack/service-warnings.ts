import { type Kube, type KubeObject, nameOf } from '../kube/api.ts'
import { annotations, labels } from '../lib/keys.ts'

/**
 * What a user should know about the Services of a project, in sentences: which LoadBalancer has no address, with what
 * would provide one in a cluster of this provider, and which Service leads to a program of a machine. Throws KUBE_API.
 */
export async function serviceWarnings(
  kube: Kube,
  project: string,
  provider: string,
  signal: AbortSignal,
): Promise<string[]> {
  const options = { labels: `${labels.project}=${project},!${labels.preset}`, signal }
  const services = await kube.list({ apiVersion: 'v1', kind: 'Service' }, options)
  return [...addressWarnings(services, provider), ...services.flatMap(swapWarnings)]
}

function swapWarnings(service: KubeObject): string[] {
  if (service.metadata.annotations?.[annotations.swap] === undefined) return []
  const led = `${nameOf(service)} leads to a program of a machine, not to its pods (devk swap)`
  return [`${led}. If that devk is gone, devk up leads it back.`]
}

function addressWarnings(services: readonly KubeObject[], provider: string): string[] {
  const advise = advice[provider] ?? mapping
  return services.flatMap((service) => {
    const { type, ports = [] } = service.spec as { type?: string; ports?: { port: number }[] }
    const { loadBalancer } = (service.status ?? {}) as { loadBalancer?: { ingress?: unknown[] } }
    if (type !== 'LoadBalancer' || (loadBalancer?.ingress ?? []).length > 0) return []
    const fix = advise(service.metadata.name, ports[0]?.port ?? 80)
    return [`${nameOf(service)} is a LoadBalancer without an address: ${fix}`]
  })
}

function mapping(name: string, port: number): string {
  const key = /^\w+$/.test(name) ? name : `'${name}'`
  const local = port < 1024 ? port + 8000 : port
  return `set cluster.loadBalancers: { ${key}: '${local}:${port}' }`
}

const advice: Readonly<Record<string, (name: string, port: number) => string>> = {
  minikube: (name, port) =>
    `${mapping(name, port)} (services.NAME.ports in a cluster of several nodes), or run minikube tunnel`,
  existing: () => 'the cluster has not assigned one yet, or has no load balancer controller',
}
