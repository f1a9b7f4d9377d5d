import { type Kube, type KubeObject, nameOf } from '../kube/api.ts'
import { labels } from '../lib/keys.ts'

/**
 * One line, after `provider`'s way, for each LoadBalancer Service of the project that nobody has given an address, with
 * what gives it one; reads the cluster.
 */
export async function withoutAddress(
  kube: Kube,
  project: string,
  provider: string,
  signal: AbortSignal,
): Promise<string[]> {
  const options = { labels: `${labels.project}=${project},!${labels.preset}`, signal }
  return addressWarnings(await kube.list({ apiVersion: 'v1', kind: 'Service' }, options), provider)
}

/** The same of Services as the API server has them. Pure. */
function addressWarnings(services: readonly KubeObject[], provider: string): string[] {
  const mend = mends[provider] ?? mapped
  return services.flatMap((service) => {
    const { type, ports = [] } = service.spec as { type?: string; ports?: { port: number }[] }
    const { loadBalancer } = (service.status ?? {}) as { loadBalancer?: { ingress?: unknown[] } }
    if (type !== 'LoadBalancer' || (loadBalancer?.ingress ?? []).length > 0) return []
    return [
      `${nameOf(service)} is a LoadBalancer without an address: ${mend(service.metadata.name, ports[0]?.port ?? 80)}`,
    ]
  })
}

const mapped = (name: string, port: number) =>
  `cluster.loadBalancers: { ${/^\w+$/.test(name) ? name : `'${name}'`}: '${port < 1024 ? port + 8000 : port}:${port}' } answers for it here`

const mends: Readonly<Record<string, (name: string, port: number) => string>> = {
  minikube: (name, port) =>
    `${mapped(name, port)} (with several nodes services.NAME.ports does), and minikube tunnel gives it one`,
  existing: () => 'the cluster has not given it one, or has nothing that does',
}
