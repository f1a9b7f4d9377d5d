import { isDeepStrictEqual } from 'node:util'
import type { ConfigInput } from '../../config/schema.ts'

type Services = NonNullable<ConfigInput['services']>

/** What is read from a Dockerfile, and says nothing about another one. */
const inferred = new Set(['sync', 'rebuild', 'command', 'args', 'env'])

/** The services whose build is not the one that was read, as files of other tools name another. Pure. */
export function rebuilt(services: Services, proposed: Services): string[] {
  return Object.keys(services).filter((key) => !isDeepStrictEqual(services[key]?.build, proposed[key]?.build))
}

/** The services, those of these names without what was read from their Dockerfile. Pure. */
export function withoutInferred(services: Services, names: readonly string[]): Services {
  const all = Object.entries(services).map(([key, service]) => {
    const kept = Object.entries(service).filter(([field]) => !inferred.has(field))
    return [key, names.includes(key) ? Object.fromEntries(kept) : service] as const
  })
  return Object.fromEntries(all)
}
