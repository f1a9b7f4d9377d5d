import { isDeepStrictEqual } from 'node:util'
import type { ConfigInput } from '../../config/schema.ts'

type Services = NonNullable<ConfigInput['services']>
type Service = Services[string]

/** What was read from a Dockerfile, and says nothing about another one. */
const inferred = ['sync', 'rebuild', 'command', 'args', 'env'] as const

/** The services whose build is not the one that was read, as files of other tools name another. Pure. */
export function rebuilt(services: Services, proposed: Services): string[] {
  return Object.keys(services).filter((key) => !isDeepStrictEqual(services[key]?.build, proposed[key]?.build))
}

/** The services without what was read from a Dockerfile that is not built. Pure. */
export function fitting(services: Services, proposed: Services): Services {
  const others = new Set(rebuilt(services, proposed))
  const without = (key: string, service: Service): Service => {
    const stale = inferred.filter((field) => isDeepStrictEqual(service[field], proposed[key]?.[field]))
    return Object.fromEntries(Object.entries(service).filter(([field]) => !stale.some((each) => each === field)))
  }
  const all = Object.entries(services)
  return Object.fromEntries(all.map(([key, service]) => [key, others.has(key) ? without(key, service) : service]))
}
