import { nearest } from '../lib/text.ts'
import type { Rule, RuleContext } from './context.ts'
import type { ConfigPath, Problem } from './problems.ts'
import type { Dependency } from './schema.ts'

const groups = ['services', 'externals', 'jobs'] as const

/** Checks that all units have different names, since dependsOn, logs and exec accept all of them. */
export const distinctNames: Rule = ({ config }) => {
  const owner = new Map<string, string>()
  return ([...groups, 'locals'] as const).flatMap((group) =>
    Object.keys(config[group]).flatMap((name): Problem[] => {
      const other = owner.get(name)
      if (other !== undefined) {
        const message = `is also the name of one of the ${other}`
        return [{ path: [group, name], message, fix: 'use different names for services, externals, jobs and locals' }]
      }
      owner.set(name, group)
      return []
    }),
  )
}

/** Checks that dependsOn and jobs.NAME.service refer to names that the configuration defines. */
export const knownNames: Rule = (context) => {
  const { config } = context
  const unknown = (path: ConfigPath, name: string, candidates: readonly string[]): Problem[] => {
    if (groups.some((group) => context.given([group, name]))) return []
    const near = nearest(name, candidates)
    const fix = near === undefined ? undefined : `did you mean "${near}"?`
    return [{ path, message: `"${name}" is not defined`, fix }]
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
      const fix = near === undefined ? undefined : `did you mean "${near}"?`
      return [{ path: ['jobs', name, 'service'], message: `"${service}" is not a service`, fix }]
    }),
  ]
}

/** Checks that nothing depends on a job of this machine, which only `devk run` runs. */
export const neededJobs: Rule = (context) =>
  dependencies(context).flatMap(({ path, to }): Problem[] => {
    if (context.config.jobs[to]?.local !== true) return []
    const message = `"${to}" runs on this machine, and only devk run runs it`
    return [{ path, message, fix: 'remove it, or let the job run in the cluster' }]
  })

/** Checks that nothing waits for itself, directly or through others. Each cycle is reported once. */
export const noCycles: Rule = (context) => {
  const edges = dependencies(context).filter(({ wait }) => wait)
  const done = new Set<string>()
  const problems: Problem[] = []
  const visit = (name: string, visited: readonly string[], path: ConfigPath | undefined): void => {
    const start = visited.indexOf(name)
    if (start >= 0 && path !== undefined) {
      const cycle = [...visited.slice(start), name].join(' → ')
      problems.push({ path, message: `creates a dependency cycle: ${cycle}`, fix: 'remove one of these dependencies' })
      return
    }
    if (done.has(name)) return
    for (const edge of edges) if (edge.from === name) visit(edge.to, [...visited, name], edge.path)
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
