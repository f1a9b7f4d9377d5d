import { groupKindOf } from '../../kube/api.ts'
import { fieldsAt, listOf, type RuleInput, type ScaleRule } from './rule.ts'

/** Renames hosts of Ingresses, routes, gateways and certificates (scale.hosts). */
export const hosts: ScaleRule = (input) => {
  const { object } = input
  const spec = fieldsAt(object, 'spec')
  if (spec === undefined) return
  const kind = groupKindOf(object)
  if (kind === 'networking.k8s.io/Ingress') {
    listOf(spec.rules).forEach((rule, i) => {
      renameHost(rule, 'host', `spec.rules[${i}].host`, input)
    })
    listOf(spec.tls).forEach((tls, i) => {
      renameHosts(tls, 'hosts', `spec.tls[${i}].hosts`, input)
    })
  }
  if (kind.startsWith('gateway.networking.k8s.io/')) {
    renameHosts(spec, 'hostnames', 'spec.hostnames', input)
    listOf(spec.listeners).forEach((listener, i) => {
      renameHost(listener, 'hostname', `spec.listeners[${i}].hostname`, input)
    })
  }
  if (kind === 'cert-manager.io/Certificate') {
    renameHost(spec, 'commonName', 'spec.commonName', input)
    renameHosts(spec, 'dnsNames', 'spec.dnsNames', input)
  }
}

/**
 * Renames references to issuers of cert-manager (scale.issuers). Drops the renamed issuers, which nothing refers to
 * anymore.
 */
export const issuers: ScaleRule = ({ object, scale, note }) => {
  const isIssuer = /^cert-manager\.io\/(Cluster)?Issuer$/.test(groupKindOf(object))
  if (isIssuer && scale.issuers[object.metadata.name] !== undefined) {
    note('scale.issuers', object.kind, object.metadata.name, 'left out')
    return 'drop'
  }
  const annotations = object.metadata.annotations ?? {}
  for (const key of ['cert-manager.io/cluster-issuer', 'cert-manager.io/issuer']) {
    const wanted = scale.issuers[annotations[key] ?? '']
    if (wanted === undefined) continue
    note('scale.issuers', `metadata.annotations[${key}]`, annotations[key], wanted)
    annotations[key] = wanted
  }
  const reference =
    groupKindOf(object) === 'cert-manager.io/Certificate' ? fieldsAt(object, 'spec', 'issuerRef') : undefined
  const wanted = scale.issuers[String(reference?.name ?? '')]
  if (reference === undefined || wanted === undefined) return
  note('scale.issuers', 'spec.issuerRef.name', reference.name, wanted)
  reference.name = wanted
}

/** Points ExternalName Services to an external of the configuration, or to another host (scale.externals). */
export const externalNames: ScaleRule = ({ object, scale, place, note }) => {
  const spec = groupKindOf(object) === '/Service' ? fieldsAt(object, 'spec') : undefined
  const wanted = scale.externals[String(spec?.externalName ?? '')]
  if (spec === undefined || wanted === undefined) return
  const host = place.externals.get(wanted) ?? wanted
  note('scale.externals', 'spec.externalName', spec.externalName, host)
  spec.externalName = host
}

function renameHost(holder: Record<string, unknown>, key: string, field: string, { scale, note }: RuleInput): void {
  const host = holder[key]
  const wanted = typeof host === 'string' ? hostFor(host, scale.hosts) : undefined
  if (wanted === undefined) return
  note('scale.hosts', field, host, wanted)
  holder[key] = wanted
}

function renameHosts(holder: Record<string, unknown>, key: string, field: string, { scale, note }: RuleInput): void {
  const list = holder[key]
  if (!Array.isArray(list)) return
  const renamed = list.map((host: unknown) => (typeof host === 'string' ? (hostFor(host, scale.hosts) ?? host) : host))
  if (renamed.every((host, i) => host === list[i])) return
  note('scale.hosts', field, list.join(', '), renamed.join(', '))
  holder[key] = renamed
}

/**
 * The new name of a host, by the longest matching domain: `shop.example` also matches `api.shop.example` and
 * `*.shop.example`.
 */
function hostFor(host: string, renames: Readonly<Record<string, string>>): string | undefined {
  const domains = Object.keys(renames).filter((domain) => host === domain || host.endsWith(`.${domain}`))
  const [domain] = domains.sort((a, b) => b.length - a.length)
  return domain === undefined ? undefined : host.slice(0, host.length - domain.length) + renames[domain]
}
