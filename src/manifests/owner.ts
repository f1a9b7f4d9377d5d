import type { Service } from '../config/schema.ts'
import type { KubeObject } from '../kube/api.ts'
import { imageName, repositoryOf } from '../lib/image-reference.ts'
import { nearest } from '../lib/text.ts'
import { type ImageField, imageFieldProblems, imagesAt } from './image-fields.ts'
import { type ImageNames, imageNames, imagesInWorkload } from './image-names.ts'
import { type Container, containersOf, type PodTemplate, podTemplate } from './workload.ts'

/** A service and the container of a workload that runs it. */
export interface Role {
  readonly service: string
  /** Names of the containers and init containers of the workload that run the image of the service. */
  readonly containers: readonly string[]
  /** The container that gets the command, args and env of the configuration. */
  readonly main: string | undefined
}

/** All containers of a workload that belong to a service. Pure. */
export function containersOfRole({ containers, main }: Role): readonly string[] {
  return main === undefined || containers.includes(main) ? containers : [...containers, main]
}

/**
 * The services that a workload runs: the services whose `workload` names it, and every other service whose image its
 * containers run. A service with `workload` is found only there, and there its images are no other service's. Pure.
 */
export function rolesOf(
  object: KubeObject,
  services: Readonly<Record<string, Service>>,
  names: ImageNames = imageNames([object], services),
): Role[] {
  const template = podTemplate(object)
  if (template === undefined) return []
  const named = Object.entries(services).flatMap(([service, spec]): Role[] => {
    if (spec.workload === undefined || !namesWorkload(spec.workload, object)) return []
    const images = imagesInWorkload(service, spec, object)
    return roleIn(template, { service, spec }, ({ image = '' }) => images.includes(image))
  })
  const taken = new Set(named.flatMap(({ containers }) => containers))
  const others = Object.entries(services).flatMap(([service, spec]): Role[] => {
    if (spec.workload !== undefined) return []
    return roleIn(template, { service, spec }, ({ name, image = '' }) => !taken.has(name) && names.isOf(service, image))
  })
  const order = Object.keys(services)
  return [...named, ...others].sort((a, b) => order.indexOf(a.service) - order.indexOf(b.service))
}

function roleIn(
  template: PodTemplate,
  { service, spec }: { readonly service: string; readonly spec: Service },
  isOwn: (container: Container) => boolean,
): Role[] {
  const all = containersOf(template)
  const long = template.spec.containers
  const runs = all.filter(isOwn)
  const first = long.find((each) => runs.includes(each)) ?? (spec.workload === undefined ? undefined : long[0])
  const chosen = spec.container === undefined ? first : all.find(({ name }) => name === spec.container)
  const main = spec.container ?? first?.name
  // A service that names its workload need not name its image.
  const isChosenOnly = spec.workload !== undefined && (runs.length === 0 || spec.container !== undefined)
  const own =
    isChosenOnly && chosen !== undefined && !runs.includes(chosen)
      ? all.filter((each) => each === chosen || (each.image === chosen.image && each.image !== undefined))
      : runs
  return own.length === 0 ? [] : [{ service, containers: own.map(({ name }) => name), main }]
}

function namesWorkload(workload: string, { kind, metadata }: KubeObject): boolean {
  const end = workload.indexOf('/')
  // Most are called otherwise, and each workload is asked about each service.
  if (workload.length - end - 1 !== metadata.name.length || !workload.endsWith(metadata.name)) return false
  return workload.slice(0, end).toLowerCase() === kind.toLowerCase()
}

/**
 * Services that no workload runs, and containers that their workload does not have, as sentences that start with the
 * path in the configuration. A sentence suggests the most similar name. The images of `bases` need no workload, as
 * others are built from them; nor do images in `fields`.
 */
export function ownerProblems(
  objects: readonly KubeObject[],
  services: Readonly<Record<string, Service>>,
  bases: ReadonlySet<string> = new Set(),
  fields: readonly ImageField[] = [],
): string[] {
  const names = imageNames(objects, services, fields)
  const problems = [...names.problems, ...imageFieldProblems(objects, fields)]
  const named = objects.flatMap((object) => imagesAt(object, fields))
  const isNamed = (service: string) => bases.has(service) || named.some((image) => names.isOf(service, image))
  const workloads = objects.filter((object) => podTemplate(object) !== undefined)
  const images = new Set(
    workloads.flatMap((object) => containersOf(podTemplate(object) ?? empty).map((c) => c.image ?? '')),
  )
  const running = Map.groupBy(
    workloads.flatMap((object) => rolesOf(object, services, names).map(({ service }) => ({ service, object }))),
    ({ service }) => service,
  )
  for (const [service, spec] of Object.entries(services)) {
    const path = `services.${service}`
    const runs = (running.get(service) ?? []).map(({ object }) => object)
    if (runs.length === 0 && spec.workload !== undefined) {
      const known = workloads.map((object) => `${object.kind}/${object.metadata.name}`)
      problems.push(
        `${path}.workload: no manifest has ${spec.workload}${suggestion(nearest(spec.workload, known), known)}`,
      )
    } else if (
      runs.length === 0 &&
      !isNamed(service) &&
      !names.problems.some((problem) => problem.startsWith(`${path}:`))
    ) {
      const wanted = spec.image ?? service
      const isTagged = imageName(wanted).tag !== undefined
      const found = [...new Set([...images].map(isTagged ? (image) => image : repositoryOf))]
      problems.push(`${path}: no workload runs the image "${wanted}"${suggestion(nearestImage(wanted, found), found)}`)
    }
    for (const object of runs) {
      const inside = containersOf(podTemplate(object) ?? empty).map((each) => each.name)
      if (spec.container === undefined || inside.includes(spec.container)) continue
      const problem = `${object.kind}/${object.metadata.name} has no container "${spec.container}"`
      problems.push(`${path}.container: ${problem}${suggestion(nearest(spec.container, inside), inside)}`)
    }
  }
  return problems
}

const empty = { spec: { containers: [] } }

/** The most similar image. `backend` suggests `todo-backend`, although their edit distance is large. */
function nearestImage(wanted: string, names: readonly string[]): string | undefined {
  return nearest(wanted, names) ?? names.find((name) => name.includes(wanted) || wanted.includes(name))
}

function suggestion(near: string | undefined, names: readonly string[]): string {
  if (near !== undefined) return `; did you mean "${near}"?`
  return names.length === 0 ? '; the manifests have no workload' : `; the manifests have ${names.join(', ')}`
}
