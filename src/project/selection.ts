import type { LoadedConfig } from '../config/schema.ts'
import { DevkError } from '../errors.ts'
import { nearest } from '../lib/text.ts'

/**
 * The services, externals and programs of this machine called `names`, and everything that they depend on, directly or
 * not. No names means all of them, and the result is undefined. Throws USAGE for an unknown name. Pure.
 */
export function selectUnits(config: LoadedConfig, names: readonly string[]): ReadonlySet<string> | undefined {
  if (names.length === 0) return undefined
  const known = [config.services, config.externals, config.locals].flatMap(Object.keys)
  const wanted = new Set<string>()
  const take = (name: string) => {
    if (wanted.has(name)) return
    wanted.add(name)
    const unit = config.services[name] ?? config.jobs[name]
    for (const dependency of unit?.dependsOn ?? []) take(dependency.name)
    for (const dependency of config.locals[name]?.dependsOn ?? []) take(dependency)
  }
  requireKnown(config.name, names, known)
  names.forEach(take)
  return wanted
}

/** The configuration with only those units that are in `units`; undefined means all of them. Pure. */
export function withUnits(config: LoadedConfig, units: ReadonlySet<string> | undefined): LoadedConfig {
  if (units === undefined) return config
  const kept = <T>(all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => units.has(name)))
  const { services, externals, locals } = config
  return { ...config, services: kept(services), externals: kept(externals), locals: kept(locals) }
}

/** Throws USAGE for the first name that is not known. Pure. */
export function requireKnown(project: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw unknownService(project, unknown, known)
}

/** The USAGE error for a name that is not known; it suggests the nearest known name. `what` is what the name is not. */
export function unknownService(project: string, name: string, known: readonly string[], what = 'service'): DevkError {
  const near = nearest(name, known)
  return new DevkError('USAGE', `The project ${project} has no ${what} "${name}"`, {
    hint: near === undefined ? `Services: ${known.join(', ')}.` : `Did you mean "${near}"?`,
  })
}
