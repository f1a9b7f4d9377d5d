import { isIPv4 } from 'node:net'
import type { Rule } from './context.ts'
import { portPair } from './ports.ts'
import { type ConfigPath, formatPath, type Problem } from './problems.ts'

/** Checks that cluster ports, load balancers, and forwards of services and externals use different local ports. */
export const distinctPorts: Rule = ({ config }) => {
  const uses: { readonly path: ConfigPath; readonly mapping: number | string }[] = [
    ...config.cluster.ports.map((mapping, i) => ({ path: ['cluster', 'ports', i], mapping })),
    ...Object.entries(config.cluster.loadBalancers).flatMap(([name, mappings]) =>
      mappings.map((mapping) => ({ path: ['cluster', 'loadBalancers', name], mapping })),
    ),
    ...Object.entries(config.services).flatMap(([name, { ports }]) =>
      ports.map((mapping, i) => ({ path: ['services', name, 'ports', i], mapping })),
    ),
    ...Object.entries(config.externals).flatMap(([name, { forward }]) =>
      forward === undefined ? [] : [{ path: ['externals', name, 'forward'], mapping: forward }],
    ),
    ...Object.entries(config.locals).flatMap(([name, { ports }]) =>
      ports.map((mapping, i) => ({ path: ['locals', name, 'ports', i], mapping })),
    ),
  ]
  const first = new Map<number, ConfigPath>()
  return uses.flatMap(({ path, mapping }): Problem[] => {
    const { local, remote } = portPair(mapping)
    const other = first.get(local)
    if (other === undefined) {
      first.set(local, path)
      return []
    }
    const free = local + 10_000 > 65535 ? local - 10_000 : local + 10_000
    const message = `uses local port ${local}, which ${formatPath(other)} uses too`
    const fix =
      path[0] === 'locals' ? 'let the program listen on another port' : `use another local port: "${free}:${remote}"`
    return [{ path, message, fix }]
  })
}

/** Checks that a service has a build, an image or a workload, and that an external and a job have something to run. */
export const complete: Rule = ({ config, given }) => {
  const lacks = (path: ConfigPath, keys: readonly string[]) => !keys.some((key) => given([...path, key]))
  return [
    ...Object.keys(config.services).flatMap((name): Problem[] =>
      lacks(['services', name], ['build', 'image', 'workload'])
        ? [
            {
              path: ['services', name],
              message: 'has neither build, image nor workload',
              fix: 'set one of them',
            },
          ]
        : [],
    ),
    ...Object.entries(config.externals).flatMap(([name, external]): Problem[] => {
      const path = ['externals', name]
      const neither = { path, message: 'has neither image nor build', fix: 'set one of them' }
      if (lacks(path, ['image', 'build'])) return [neither]
      const both = external.image !== undefined && external.build !== undefined
      return both ? [{ path, message: 'has both image and build', fix: 'remove one of them' }] : []
    }),
    ...Object.entries(config.jobs).flatMap(([name, { local }]): Problem[] =>
      !local && lacks(['jobs', name], ['service', 'image'])
        ? [{ path: ['jobs', name], message: 'has neither service nor image', fix: 'set one of them, or local: true' }]
        : [],
    ),
  ]
}

/** Checks that a browser can open the URLs of services. */
export const openableUrls: Rule = ({ config }) =>
  Object.entries(config.services).flatMap(([name, { url }]): Problem[] => {
    if (url === undefined) return []
    const parsed = URL.parse(url)
    if (parsed !== null && ['http:', 'https:'].includes(parsed.protocol) && !/\s/.test(url)) return []
    const message = `must be an http or https URL, got "${url}"`
    return [{ path: ['services', name, 'url'], message, fix: 'an example is http://localhost:30080' }]
  })

/** Checks that subnets are IPv4 ranges. */
export const subnets: Rule = ({ config }) =>
  (['podSubnet', 'serviceSubnet'] as const).flatMap((key): Problem[] => {
    const value = config.cluster[key]
    if (value === undefined) return []
    const [address = '', length = ''] = value.split('/')
    if (isIPv4(address) && /^([89]|[12]\d|30)$/.test(length)) return []
    return [{ path: ['cluster', key], message: `must be an IPv4 range such as 10.244.0.0/16, got "${value}"` }]
  })
