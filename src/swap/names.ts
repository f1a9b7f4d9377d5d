import type { KubeObject } from '../kube/api.ts'
import { tcpPorts } from '../manifests/service.ts'

/** A Service of the cluster that a program of this machine reaches at an address of its own. */
export interface NamedService {
  readonly namespace: string
  readonly name: string
  /** A loopback address of this machine. */
  readonly address: string
  /** What the program calls it: `db`, `db.shop`, `db.shop.svc`, `db.shop.svc.cluster.local`. */
  readonly names: readonly string[]
  /** Its TCP ports. */
  readonly ports: readonly number[]
  /** Its address in the cluster; undefined for a headless Service, whose pods are found for each connection. */
  readonly clusterIP: string | undefined
}

interface Spec {
  readonly clusterIP?: string
  readonly type?: string
}

const mostServices = 254

/**
 * Gives each Service an address of `127.A.B.1` to `127.A.B.254`, and the names that a pod in `namespace` has for it. A
 * Service without an IPv4 address or without TCP ports is left out. Pure.
 */
export function namedServices(
  services: readonly KubeObject[],
  namespace: string,
  [a, b]: readonly [number, number],
): NamedService[] {
  const fit = services.filter((service) => {
    const { type, clusterIP = '' } = (service.spec ?? {}) as Spec
    return type !== 'ExternalName' && !clusterIP.includes(':') && clusterIP !== '' && tcpPorts(service).length > 0
  })
  return fit.slice(0, mostServices).map((service, index) => {
    const { clusterIP } = service.spec as Spec
    const { name, namespace: own = 'default' } = service.metadata
    const full = `${name}.${own}`
    const isHeadless = clusterIP === 'None'
    return {
      namespace: own,
      name,
      address: `127.${a}.${b}.${index + 1}`,
      names: [...(own === namespace ? [name] : []), full, `${full}.svc`, `${full}.svc.cluster.local`],
      // Clients of a headless Service connect to its pods, so they use the ports of the pods.
      ports: tcpPorts(service).map(({ port, targetPort }) =>
        isHeadless && typeof targetPort === 'number' ? targetPort : port,
      ),
      clusterIP: isHeadless ? undefined : clusterIP,
    }
  })
}

/** The text of /etc/hosts with the names of Services. Names that are there already lead to the Service. Pure. */
export function hostsText(before: string, services: readonly NamedService[]): string {
  const lines = services.map(({ address, names }) => `${address} ${names.join(' ')}`)
  return `${['# Services of the cluster, for a program of devk swap', ...lines].join('\n')}\n${before}`
}

/**
 * The variables that Kubernetes gives containers for the Services of their namespace: `DB_SERVICE_HOST` and
 * `DB_SERVICE_PORT`. Pure.
 */
export function serviceVariables(services: readonly NamedService[], namespace: string): Record<string, string> {
  const own = services.filter((service) => service.namespace === namespace && service.clusterIP !== undefined)
  return Object.fromEntries(
    own.flatMap(({ name, address, ports: [port] }) => {
      const prefix = name.toUpperCase().replaceAll('-', '_')
      return [
        [`${prefix}_SERVICE_HOST`, address],
        [`${prefix}_SERVICE_PORT`, String(port)],
      ]
    }),
  )
}
