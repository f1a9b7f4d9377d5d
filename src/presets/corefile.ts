/** Names that lead to the ingress from inside the cluster, and the Service they lead to. */
export interface ClusterHosts {
  /** DNS names beside those below `localhost`; the first label may be a star. */
  readonly hosts: readonly string[]
  readonly service: string
  readonly namespace: string
}

const begin = '# devk begin: hosts of the ingress'
const end = '# devk end'
const block = new RegExp(`^[^\\S\\n]*${begin}\\n[\\s\\S]*?^[^\\S\\n]*${end}\\n`, 'gm')

/**
 * A Corefile in which every name below `localhost` (not `localhost` itself) and the hosts lead to the ingress' Service, in a block that
 * devk knows again; all else stays as it is. Without `wanted` the block is taken out. undefined when no server block serves the
 * cluster's own names. Pure.
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
