import { groupKindOf, type KubeObject } from '../../kube/api.ts'
import { isRecord } from '../../manifests/rendered.ts'

/** A Secret that something of the project reads its certificate from, and the DNS names it is for, sorted. */
export interface CertificateSlot {
  readonly namespace: string
  readonly secret: string
  readonly hosts: readonly string[]
}

/**
 * The TLS Secrets that Ingresses, Gateways and cert-manager's Certificates name and the manifests do not bring, one for each Secret. Every
 * object names its namespace. Pure.
 */
export function certificateSlots(objects: readonly KubeObject[]): CertificateSlot[] {
  const slots = new Map<string, { namespace: string; secret: string; hosts: Set<string> }>()
  for (const { namespace, secret, hosts } of objects.flatMap((object) => wantedBy(object, objects))) {
    const key = `${namespace}/${secret}`
    const slot = slots.get(key) ?? { namespace, secret, hosts: new Set<string>() }
    for (const host of hosts.filter(isName)) slot.hosts.add(host)
    slots.set(key, slot)
  }
  for (const { kind, metadata } of objects)
    if (kind === 'Secret') slots.delete(`${metadata.namespace}/${metadata.name}`)
  return [...slots.values()]
    .filter(({ hosts }) => hosts.size > 0)
    .map((slot) => ({ ...slot, hosts: [...slot.hosts].sort() }))
}

/** Every host that Ingresses, Gateways and routes serve, with those of `others` (URLs and names), sorted. Pure. */
export function servedHosts(objects: readonly KubeObject[], others: readonly string[]): string[] {
  const all = objects.flatMap((object) => {
    const kind = groupKindOf(object)
    const spec = fields(object.spec)
    if (kind === 'networking.k8s.io/Ingress') {
      return [...records(spec.tls).flatMap(({ hosts }) => texts(hosts)), ...records(spec.rules).map(({ host }) => host)]
    }
    if (!kind.startsWith('gateway.networking.k8s.io/')) return []
    return [...texts(spec.hostnames), ...records(spec.listeners).map(({ hostname }) => hostname)]
  })
  return [...new Set([...texts(all), ...others.flatMap(hostOf)].filter(isName))].sort()
}

/** Those of all served hosts for which no object names a Secret of its own, sorted. Pure. */
export function uncoveredHosts(objects: readonly KubeObject[], others: readonly string[]): string[] {
  const named = objects.flatMap((object) => wantedBy(object, objects)).flatMap(({ hosts }) => hosts)
  const covered = new Set(named)
  return servedHosts(objects, others).filter((host) => !covered.has(host))
}

/** The host of a URL, or of what is written like `todo.localhost`. */
function hostOf(url: string): string[] {
  try {
    return [new URL(/^[a-z]+:\/\//.test(url) ? url : `http://${url}`).hostname]
  } catch {
    return []
  }
}

interface Wanted {
  readonly namespace: string
  readonly secret: string
  readonly hosts: readonly string[]
}

function wantedBy(object: KubeObject, all: readonly KubeObject[]): Wanted[] {
  const namespace = object.metadata.namespace ?? 'default'
  const spec = fields(object.spec)
  switch (groupKindOf(object)) {
    case 'networking.k8s.io/Ingress': {
      const ruled = texts(records(spec.rules).map(({ host }) => host))
      return records(spec.tls).flatMap(({ secretName, hosts }) =>
        texts([secretName]).map((secret) => ({
          namespace,
          secret,
          hosts: texts(hosts).length > 0 ? texts(hosts) : ruled,
        })),
      )
    }
    case 'gateway.networking.k8s.io/Gateway':
      return records(spec.listeners).flatMap((listener) => ofListener(object, listener, all))
    case 'cert-manager.io/Certificate':
      return texts([spec.secretName]).map((secret) => ({
        namespace,
        secret,
        hosts: texts([spec.commonName, ...texts(spec.dnsNames)]),
      }))
    default:
      return []
  }
}

/** A listener without a host serves those of the routes that name its Gateway. */
function ofListener(gateway: KubeObject, listener: Record<string, unknown>, all: readonly KubeObject[]): Wanted[] {
  const tls = fields(listener.tls)
  const own = texts([listener.hostname])
  const hosts = own.length > 0 ? own : all.flatMap((route) => routeHosts(route, gateway))
  return records(tls.certificateRefs)
    .filter(({ kind = 'Secret' }) => kind === 'Secret')
    .flatMap(({ name, namespace }) =>
      texts([name]).map((secret) => ({
        namespace: texts([namespace])[0] ?? gateway.metadata.namespace ?? 'default',
        secret,
        hosts,
      })),
    )
}

function routeHosts({ spec, metadata }: KubeObject, gateway: KubeObject): string[] {
  const { hostnames, parentRefs } = fields(spec)
  const isParent = records(parentRefs).some(
    ({ name, namespace = metadata.namespace }) =>
      name === gateway.metadata.name && namespace === gateway.metadata.namespace,
  )
  return isParent ? texts(hostnames) : []
}

/** A DNS name, the first label of which may be a star; no IP address, and not `localhost`, which is every machine's own. */
function isName(host: string): boolean {
  return /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/.test(host) && !/^[\d.]+$/.test(host)
}

function fields(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string' && item !== '') : []
}
