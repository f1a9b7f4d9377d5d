import { groupKindOf, type KubeObject } from '../../kube/api.ts'
import { isRecord } from '../../lib/record.ts'

/** The hosts under which Ingresses and routes serve the project on this machine. */
export interface Hosts {
  /** From hosts that lead elsewhere to names that lead to this machine. */
  readonly hosts: Record<string, string>
  /** The host on this machine by the name of the Service behind it. */
  readonly backends: ReadonlyMap<string, string>
}

type Fields = Readonly<Record<string, unknown>>

/** Reads the hosts of Ingresses and of routes of the Gateway API. Pure. */
export function hostsOf(objects: readonly KubeObject[]): Hosts {
  const routes = objects.flatMap((object) => {
    const kind = groupKindOf(object)
    if (kind === 'networking.k8s.io/Ingress') return ingressRoutes(object)
    return kind === 'gateway.networking.k8s.io/HTTPRoute' ? httpRoutes(object) : []
  })
  const hosts: Record<string, string> = {}
  const backends = new Map<string, string>()
  for (const { host, service } of routes) {
    if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host) || !host.includes('.')) continue
    if (!host.endsWith('.localhost')) hosts[host] ??= localName(host, Object.values(hosts))
    if (service !== undefined && !backends.has(service)) backends.set(service, hosts[host] ?? host)
  }
  return { hosts, backends }
}

/** `shop.example.com` becomes `shop.localhost`, or `shop-example-com.localhost` if another host has that name. */
function localName(host: string, taken: readonly string[]): string {
  const short = `${host.replace(/^www\./, '').split('.')[0]}.localhost`
  return taken.includes(short) ? `${host.replaceAll('.', '-')}.localhost` : short
}

interface Route {
  readonly host: string
  readonly service: string | undefined
}

function ingressRoutes({ spec }: KubeObject): Route[] {
  return records(isRecord(spec) ? spec.rules : undefined).flatMap(({ host, http }) => {
    if (typeof host !== 'string') return []
    const paths = records(isRecord(http) ? http.paths : undefined)
    const services = paths.map(({ backend }) => nameIn(isRecord(backend) ? backend.service : undefined))
    return services.length === 0 ? [{ host, service: undefined }] : services.map((service) => ({ host, service }))
  })
}

function httpRoutes({ spec }: KubeObject): Route[] {
  const { hostnames, rules }: Fields = isRecord(spec) ? spec : {}
  const services = records(rules).flatMap(({ backendRefs }) => records(backendRefs).map(nameIn))
  const list = Array.isArray(hostnames) ? hostnames.filter((host) => typeof host === 'string') : []
  return list.flatMap((host) => [{ host, service: undefined }, ...services.map((service) => ({ host, service }))])
}

function records(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function nameIn(value: unknown): string | undefined {
  return isRecord(value) && typeof value.name === 'string' ? value.name : undefined
}
