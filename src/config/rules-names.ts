import { nearest } from '../lib/text.ts'
import type { Rule, RuleContext } from './context.ts'
import type { ConfigPath, Problem } from './problems.ts'
import type { Dependency } from './schema.ts'

const groups = ['services', 'externals', 'jobs'] as const

/** A name stands for one thing only, since dependsOn, logs and exec take any of them. */
export const distinctNames: Rule = ({ config }) => {
  const owner = new Map<string, string>()
  return groups.flatMap((group) =>
    Object.keys(config[group]).flatMap((name): Problem[] => {
      const other = owner.get(name)
      if (other !== undefined) {
        const what = `the name of one of the ${other} too`
        return [
          { path: [group, name], message: `is ${what}`, mend: 'names must differ among services, externals and jobs' },
        ]
      }
      owner.set(name, group)
      return []
    }),
  )
}

/** dependsOn and job.service name what is there. */
export const knownNames: Rule = (context) => {
  const { config } = context
  const unknown = (path: ConfigPath, name: string, candidates: readonly string[]): Problem[] => {
    if (groups.some((group) => context.given([group, name]))) return []
    const near = nearest(name, candidates)
    const mend = near === undefined ? undefined : `did you mean "${near}"?`
    return [{ path, message: `"${name}" is not declared`, mend }]
  }
  const all = groups.flatMap((group) => Object.keys(config[group]))
  return [
    ...dependencies(context).flatMap(({ from, path, to }) =>
      unknown(
        path,
        to,
        all.filter((name) => name !== from),
      ),
    ),
    ...Object.entries(config.jobs).flatMap(([name, { service }]) => {
      if (service === undefined || config.services[service] !== undefined) return []
      if (context.given(['services', service])) return []
      const near = nearest(service, Object.keys(config.services))
      const mend = near === undefined ? undefined : `did you mean "${near}"?`
      return [{ path: ['jobs', name, 'service'], message: `"${service}" is no service`, mend }]
    }),
  ]
}

/** Nothing waits for itself, however long the way round; each cycle is reported once, where it is entered. */
export const noCycles: Rule = (context) => {
  const edges = dependencies(context).filter(({ wait }) => wait)
  const done = new Set<string>()
  const problems: Problem[] = []
  const visit = (name: string, way: readonly string[], path: ConfigPath | undefined): void => {
    const start = way.indexOf(name)
    if (start >= 0 && path !== undefined) {
      const cycle = [...way.slice(start), name].join(' → ')
      problems.push({ path, message: `closes a circle: ${cycle}`, mend: 'take one of these out' })
      return
    }
    if (done.has(name)) return
    for (const edge of edges) if (edge.from === name) visit(edge.to, [...way, name], edge.path)
    done.add(name)
  }
  for (const { from } of edges) visit(from, [], undefined)
  return problems
}

interface Edge {
  readonly from: string
  readonly to: string
  readonly wait: boolean
  readonly path: ConfigPath
}

function dependencies({ config }: RuleContext): Edge[] {
  return (['services', 'jobs'] as const).flatMap((group) =>
    Object.entries<{ readonly dependsOn: readonly Dependency[] }>(config[group]).flatMap(([from, { dependsOn }]) =>
      dependsOn.map(({ name: to, wait }, i) => ({ from, to, wait, path: [group, from, 'dependsOn', i] })),
    ),
  )
}
