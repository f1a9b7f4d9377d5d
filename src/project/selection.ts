import type { LoadedConfig } from '../config/schema.ts'
import { DevkError } from '../errors.ts'
import { nearest } from '../lib/text.ts'

/**
 * The units that `names` asks for: these services and externals and what they depend on, however far. undefined means all of
 * them. Throws USAGE for a name that is none.
 */
export function selectUnits(config: LoadedConfig, names: readonly string[]): ReadonlySet<string> | undefined {
  if (names.length === 0) return undefined
  const known = [...Object.keys(config.services), ...Object.keys(config.externals)]
  const wanted = new Set<string>()
  const take = (name: string) => {
    if (wanted.has(name)) return
    wanted.add(name)
    const unit = config.services[name] ?? config.jobs[name]
    for (const dependency of unit?.dependsOn ?? []) take(dependency.name)
  }
  for (const name of names) {
    if (!known.includes(name)) throw unknownService(config.name, name, known)
    take(name)
  }
  return wanted
}

/** The configuration without the services and externals that are not among `units`; undefined means all of them. */
export function withUnits(config: LoadedConfig, units: ReadonlySet<string> | undefined): LoadedConfig {
  if (units === undefined) return config
  const kept = <T>(all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => units.has(name)))
  return { ...config, services: kept(config.services), externals: kept(config.externals) }
}

/** The error for a name that is no service or external, with the nearest that is. */
export function unknownService(project: string, name: string, known: readonly string[]): DevkError {
  const near = nearest(name, known)
  return new DevkError('USAGE', `There is no service "${name}" in ${project}`, {
    hint: near === undefined ? `Services: ${known.join(', ')}.` : `Did you mean "${near}"?`,
  })
}
