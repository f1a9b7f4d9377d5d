/** Host names that CoreDNS resolves to the Service of the ingress. */
export interface ClusterHosts {
  /** DNS names in addition to `*.localhost`. The first label can be a star. */
  readonly hosts: readonly string[]
  readonly service: string
  readonly namespace: string
}

/** What pods call the machine that devk runs on. */
export const hostName = 'host.devk.internal'
/** The address of every node that the name resolves to. The same value is in agent/main.go. */
export const hostAddress = '169.254.68.75'

/** Names of devk's own that CoreDNS resolves. null removes names, and those that are absent stay as they are. */
export interface ClusterNames {
  readonly ingress?: ClusterHosts | null
  /** True adds `hostName`. */
  readonly host?: true | null
}

const ingressBegin = '# devk begin: hosts of the ingress'
const hostBegin = '# devk begin: this machine'
const end = '# devk end'

/**
 * Changes the names in a Corefile. Each kind has a block between two comments, which replaces the block of an earlier
 * call. Returns undefined if no server block serves the domain of the cluster. Pure.
 */
export function withClusterNames(corefile: string, { ingress, host }: ClusterNames): string | undefined {
  const named = ingress === undefined ? corefile : withIngress(without(corefile, ingressBegin), ingress)
  if (host === undefined || named === undefined) return named
  const bare = without(named, hostBegin)
  return host === null ? bare : withHost(bare)
}

/** Whether a Corefile has a block of devk. */
export function hasClusterNames(corefile: string): boolean {
  return [ingressBegin, hostBegin].some((begin) => without(corefile, begin) !== corefile)
}

function without(corefile: string, begin: string): string {
  return corefile.replace(new RegExp(`^[^\\S\\n]*${begin}\\n[\\s\\S]*?^[^\\S\\n]*${end}\\n`, 'gm'), '')
}

/** A zone of its own: each zone can have one list of hosts, and that of the cluster may be in use. */
function withHost(corefile: string): string | undefined {
  if (serving(corefile.split('\n')) < 0) return undefined
  const zone = [`${hostName}:53 {`, '    errors', '    hosts {', `        ${hostAddress} ${hostName}`, '    }', '}']
  return `${[hostBegin, ...zone, end].join('\n')}\n${corefile}`
}

const serving = (lines: readonly string[]) => lines.findIndex((line) => /^\s*kubernetes\s+\S/.test(line))

/** Rules that resolve the hosts and all names below `localhost`, but not `localhost`, to the Service of the ingress. */
function withIngress(bare: string, wanted: ClusterHosts | null): string | undefined {
  if (wanted === null) return bare
  const lines = bare.split('\n')
  const at = serving(lines)
  if (at < 0) return undefined
  const domain = /^\s*kubernetes\s+([^\s{]+)/.exec(lines[at] ?? '')?.[1] ?? 'cluster.local'
  const opening = lines.findLastIndex((line, i) => i < at && /^[^\s#}].*\{\s*$/.test(line))
  if (opening < 0) return undefined
  const target = `${wanted.service}.${wanted.namespace}.svc.${domain.replace(/\.$/, '')}.`
  const patterns = ['^.+\\.localhost\\.$', ...wanted.hosts.filter((host) => !host.endsWith('.localhost')).map(pattern)]
  const rules = patterns.map((each) => `rewrite stop name regex ${each} ${target} answer auto`)
  const own = [ingressBegin, ...rules, end].map((line) => `    ${line}`)
  return [...lines.slice(0, opening + 1), ...own, ...lines.slice(opening + 1)].join('\n')
}

function pattern(host: string): string {
  const name = host.replace(/^\*\./, '').replaceAll('.', '\\.')
  return host.startsWith('*.') ? `^[^.]+\\.${name}\\.$` : `^${name}\\.$`
}
