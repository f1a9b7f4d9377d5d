import { posix } from 'node:path'
import type { ConfigInput } from '../../config/schema.ts'
import { repositoryOf } from '../../lib/image-reference.ts'
import type { ServiceFact } from '../../readers/facts.ts'

/** The section `services` of a proposed configuration. */
export type Services = NonNullable<ConfigInput['services']>
/** One of its services. */
export type Service = Services[string]

/**
 * The services that a fact is about: by its image, else by the Dockerfile and stage that it builds, else by its name.
 * `byName`: services by the names of their workloads. Pure.
 */
export function subjectsOf(
  fact: ServiceFact,
  services: Services,
  byName: ReadonlyMap<string, string> = new Map(),
): string[] {
  const all = Object.entries(services)
  const { image, build, name } = fact
  const byImage = image === undefined ? [] : all.filter(([key, own]) => isSame(repositoryOf(image), own.image ?? key))
  if (byImage.length > 0) return keys(byImage)
  const direct = name === undefined ? [] : all.filter(([key, own]) => isNamed(name, key, own))
  const named = direct.length > 0 ? direct : all.filter(([key]) => key === byName.get(name ?? ''))
  if (build !== undefined) {
    const built = all.filter(([, own]) => dockerfileOf(own) === build.dockerfile)
    const staged = built.filter(([, own]) => own.build?.target === build.target)
    if (built.length === 1) return keys(built)
    if (staged.length === 1) return keys(staged)
    return keys(named.filter((entry) => built.includes(entry)))
  }
  return keys(named.slice(0, 1))
}

/** The Dockerfile of a service, relative to the repository. */
export function dockerfileOf({ build }: Service): string | undefined {
  if (build === undefined) return undefined
  const file = build.dockerfile ?? 'Dockerfile'
  return posix.join(build.context, file)
}

function keys(entries: readonly (readonly [string, Service])[]): string[] {
  return entries.map(([key]) => key)
}

/** `acme/api` and `api` are one image, as the other parts are often added when it is published. */
function isSame(a: string, b: string): boolean {
  const other = repositoryOf(b)
  return a === other || a.endsWith(`/${other}`) || other.endsWith(`/${a}`)
}

function isNamed(name: string, key: string, { image, workload }: Service): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return plain === key || workload?.split('/')[1] === name || (image !== undefined && isSame(plain, image))
}
