/** Host names that CoreDNS resolves to the Service of the ingress. */
export interface ClusterHosts {
  /** DNS names in addition to `*.localhost`. The first label can be a star. */
  readonly hosts: readonly string[]
  readonly service: string
  readonly namespace: string
}

const begin = '# devk begin: hosts of the ingress'
const end = '# devk end'
const block = new RegExp(`^[^\\S\\n]*${begin}\\n[\\s\\S]*?^[^\\S\\n]*${end}\\n`, 'gm')

/**
 * Adds rules to a Corefile that resolve the hosts and all names below `localhost` (not `localhost` itself) to the
 * Service of the ingress. The rules are in a block between two comments, which replaces the block of an earlier call.
 * Without `wanted`, removes the block. Returns undefined if no server block serves the domain of the cluster. Pure.
 */
export function withClusterHosts(corefile: string, wanted: ClusterHosts | undefined): string | undefined {
  const bare = corefile.replace(block, '')
  if (wanted === undefined) return bare
  const lines = bare.split('\n')
  const serving = lines.findIndex((line) => /^\s*kubernetes\s+\S/.test(line))
  if (serving < 0) return undefined
  const domain = /^\s*kubernetes\s+([^\s{]+)/.exec(lines[serving] ?? '')?.[1] ?? 'cluster.local'
  const opening = lines.findLastIndex((line, i) => i < serving && /^[^\s#}].*\{\s*$/.test(line))
  if (opening < 0) return undefined
  const target = `${wanted.service}.${wanted.namespace}.svc.${domain.replace(/\.$/, '')}.`
  const patterns = ['^.+\\.localhost\\.$', ...wanted.hosts.filter((host) => !host.endsWith('.localhost')).map(pattern)]
  const rules = patterns.map((each) => `rewrite stop name regex ${each} ${target} answer auto`)
  const own = [begin, ...rules, end].map((line) => `    ${line}`)
  return [...lines.slice(0, opening + 1), ...own, ...lines.slice(opening + 1)].join('\n')
}

function pattern(host: string): string {
  const name = host.replace(/^\*\./, '').replaceAll('.', '\\.')
  return host.startsWith('*.') ? `^[^.]+\\.${name}\\.$` : `^${name}\\.$`
}
