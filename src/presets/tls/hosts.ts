import { groupKindOf, type KubeObject } from '../../kube/api.ts'
import { isRecord, recordOf } from '../../lib/record.ts'

/** A TLS Secret that objects of the project refer to, and the DNS names that its certificate needs, sorted. */
export interface CertificateSlot {
  readonly namespace: string
  readonly secret: string
  readonly hosts: readonly string[]
}

/**
 * Finds the TLS Secrets that Ingresses, Gateways and Certificates of cert-manager refer to and the manifests do not
 * contain. Each Secret occurs once. All objects must have a namespace. Pure.
 */
export function certificateSlots(objects: readonly KubeObject[]): CertificateSlot[] {
  const slots = new Map<string, { namespace: string; secret: string; hosts: Set<string> }>()
  for (const { namespace, secret, hosts } of objects.flatMap((object) => slotsOf(object, objects))) {
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

/**
 * The hosts that Ingresses, Gateways and routes serve, and the hosts of `others` (URLs or host names), sorted. Pure.
 */
export function servedHosts(objects: readonly KubeObject[], others: readonly string[]): string[] {
  const all = objects.flatMap((object) => {
    const kind = groupKindOf(object)
    const spec = recordOf(object.spec)
    if (kind === 'networking.k8s.io/Ingress') {
      return [...records(spec.tls).flatMap(({ hosts }) => texts(hosts)), ...records(spec.rules).map(({ host }) => host)]
    }
    if (!kind.startsWith('gateway.networking.k8s.io/')) return []
    return [...texts(spec.hostnames), ...records(spec.listeners).map(({ hostname }) => hostname)]
  })
  return [...new Set([...texts(all), ...others.flatMap(hostOf)].filter(isName))].sort()
}

/** The served hosts for which no object refers to a Secret, sorted. Pure. */
export function uncoveredHosts(objects: readonly KubeObject[], others: readonly string[]): string[] {
  const named = objects.flatMap((object) => slotsOf(object, objects)).flatMap(({ hosts }) => hosts)
  const covered = new Set(named)
  return servedHosts(objects, others).filter((host) => !covered.has(host))
}

/** The host of a URL, or of a host name such as `todo.localhost`. */
function hostOf(url: string): string[] {
  try {
    return [new URL(/^[a-z]+:\/\//.test(url) ? url : `http://${url}`).hostname]
  } catch {
    return []
  }
}

function slotsOf(object: KubeObject, all: readonly KubeObject[]): CertificateSlot[] {
  const namespace = object.metadata.namespace ?? 'default'
  const spec = recordOf(object.spec)
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

/** The Secrets of a listener. A listener without a host name serves the hosts of the routes of its Gateway. */
function ofListener(
  gateway: KubeObject,
  listener: Record<string, unknown>,
  all: readonly KubeObject[],
): CertificateSlot[] {
  const tls = recordOf(listener.tls)
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
  const { hostnames, parentRefs } = recordOf(spec)
  const isParent = records(parentRefs).some(
    ({ name, namespace = metadata.namespace }) =>
      name === gateway.metadata.name && namespace === gateway.metadata.namespace,
  )
  return isParent ? texts(hostnames) : []
}

/**
 * Whether a host can have a certificate: a DNS name, also with a star as its first label, but no IP address or
 * `localhost`.
 */
function isName(host: string): boolean {
  return /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/.test(host) && !/^[\d.]+$/.test(host)
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string' && item !== '') : []
}
