import type { Service } from '../config/schema.ts'
import type { KubeObject } from '../kube/api.ts'
import { type ImageName, imageName } from '../lib/image-reference.ts'
import { type ImageField, imagesAt } from './image-fields.ts'
import { containersOf, podTemplate } from './workload.ts'

type Services = Readonly<Record<string, Service>>

/** Which images of the manifests belong to which service. */
export interface ImageNames {
  /** Whether the image that a container names is the service's. */
  isOf(service: string, reference: string): boolean
  /** What devk cannot decide, as sentences that start with the path in the configuration. */
  readonly problems: readonly string[]
}

/**
 * The images that each service names. A name is a repository, on any registry if it names none, with any tag if it has
 * none. A name without a slash also stands for `<anything>/<name>`, if only one repository of the manifests ends so and
 * no other service names it in full. Pure.
 */
export function imageNames(
  objects: readonly KubeObject[],
  services: Services,
  fields: readonly ImageField[] = [],
): ImageNames {
  const problems: string[] = []
  const owned = new Map<string, Set<string>>()
  const free = new Set(objects.flatMap((object) => [...referencesOf(object), ...imagesAt(object, fields)]))
  const all = [...free]
  for (const [service, spec] of Object.entries(services)) {
    const found = fullMatches(all, nameOf(service, spec))
    for (const reference of found) free.delete(reference)
    if (spec.workload === undefined) owned.set(service, new Set(found))
  }
  for (const [service, own] of owned) {
    const spec = services[service]
    if (own.size > 0 || spec === undefined) continue
    const { found, repositories } = lastMatches([...free], nameOf(service, spec))
    if (repositories.length > 1) problems.push(ambiguous(service, spec, repositories))
    else owned.set(service, new Set(found))
  }
  problems.push(...withoutRivals(owned, services))
  return {
    problems,
    isOf: (service, reference) => owned.get(service)?.has(reference) ?? false,
  }
}

/** The images of a workload that belong to a service which names this workload. Pure. */
export function imagesInWorkload(service: string, spec: Service, object: KubeObject): string[] {
  const references = referencesOf(object)
  const full = fullMatches(references, nameOf(service, spec))
  if (full.length > 0) return full
  const { found, repositories } = lastMatches(references, nameOf(service, spec))
  return repositories.length > 1 ? [] : found
}

function nameOf(service: string, spec: Service): ImageName {
  return imageName(spec.image ?? service)
}

function referencesOf(object: KubeObject): string[] {
  const template = podTemplate(object)
  return template === undefined ? [] : containersOf(template).flatMap(({ image }) => image || [])
}

/** A reference with a digest only may have any tag. */
function tagFits(reference: string, wanted: ImageName): boolean {
  const tag = imageName(reference).tag ?? (reference.includes('@') ? undefined : 'latest')
  return wanted.tag === undefined || tag === undefined || tag === wanted.tag
}

/** The references to the repository of a name, on its registry; or else on any other one, if that is only one. */
function fullMatches(references: readonly string[], wanted: ImageName): string[] {
  const same = references.filter((reference) => imageName(reference).path === wanted.path && tagFits(reference, wanted))
  const there = same.filter((reference) => wanted.registry === '' || imageName(reference).registry === wanted.registry)
  if (there.length > 0) return there
  return new Set(same.map((reference) => imageName(reference).registry)).size > 1 ? [] : same
}

/** The references whose repository ends with a name that has no slash, and these repositories. */
function lastMatches(references: readonly string[], wanted: ImageName): { found: string[]; repositories: string[] } {
  if (wanted.path.includes('/') || wanted.registry !== '') return { found: [], repositories: [] }
  const found = references.filter(
    (reference) => imageName(reference).path.endsWith(`/${wanted.path}`) && tagFits(reference, wanted),
  )
  return { found, repositories: [...new Set(found.map((reference) => imageName(reference).path))] }
}

function ambiguous(service: string, spec: Service, repositories: readonly string[]): string {
  const either = `"${spec.image ?? service}" may be ${repositories.join(' or ')}`
  return `services.${service}: ${either}; set \`image\` to the one that is built here`
}

/** Of two services that name the same image, the one that names its tag gets it. */
function withoutRivals(owned: ReadonlyMap<string, Set<string>>, services: Services): string[] {
  const problems: string[] = []
  for (const reference of new Set([...owned.values()].flatMap((found) => [...found]))) {
    const rivals = [...owned].filter(([, found]) => found.has(reference)).map(([service]) => service)
    const exact = rivals.filter((service) => imageName(services[service]?.image ?? service).tag !== undefined)
    for (const service of rivals) {
      if (exact.length > 0 && !exact.includes(service)) owned.get(service)?.delete(reference)
    }
    const left = exact.length > 0 ? exact : rivals
    if (left.length < 2) continue
    const fix = 'set `workload` in each, or name the tag in `image`'
    problems.push(`services.${left[0]}: services.${left[1]} names the same image, ${reference}; ${fix}`)
  }
  return problems
}
