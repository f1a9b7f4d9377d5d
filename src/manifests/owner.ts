import type { Service } from '../config/schema.ts'
import type { KubeObject } from '../kube/api.ts'
import { repositoryOf, sameImage } from '../lib/image-reference.ts'
import { nearest } from '../lib/text.ts'
import { containersOf, podTemplate } from './workload.ts'

/** A service and the container of a workload that runs it. */
export interface Role {
  readonly service: string
  /** Names of the containers and init containers of the workload that run the image of the service. */
  readonly containers: readonly string[]
  /** The container that gets the command, args and env of the configuration. */
  readonly main: string | undefined
}

/**
 * The services that a workload runs: the service whose `workload` names it, and every service whose image its
 * containers run. A service with `workload` is found only there.
 */
export function rolesOf(object: KubeObject, services: Readonly<Record<string, Service>>): Role[] {
  const template = podTemplate(object)
  if (template === undefined) return []
  const roles: Role[] = []
  for (const [service, spec] of Object.entries(services)) {
    if (spec.workload !== undefined && !namesWorkload(spec.workload, object)) continue
    const runs = containersOf(template).filter(({ image }) => sameImage(image ?? '', spec.image ?? service))
    const long = template.spec.containers
    const main =
      spec.container ?? (long.find((each) => runs.includes(each)) ?? (spec.workload ? long[0] : undefined))?.name
    const names = runs.map((each) => each.name)
    // With `workload` or `container`, the name of the image does not matter.
    if (spec.workload !== undefined && main !== undefined && names.length === 0) names.push(main)
    if (names.length > 0) roles.push({ service, containers: names, main })
  }
  return roles
}

function namesWorkload(workload: string, object: KubeObject): boolean {
  const [kind = '', name] = workload.split('/')
  return kind.toLowerCase() === object.kind.toLowerCase() && name === object.metadata.name
}

/**
 * Services that no workload runs, and containers that their workload does not have, as sentences that start with the
 * path in the configuration. A sentence suggests the most similar name.
 */
export function ownerProblems(objects: readonly KubeObject[], services: Readonly<Record<string, Service>>): string[] {
  const problems: string[] = []
  const workloads = objects.filter((object) => podTemplate(object) !== undefined)
  const images = new Set(
    workloads.flatMap((object) => containersOf(podTemplate(object) ?? empty).map((c) => c.image ?? '')),
  )
  for (const [service, spec] of Object.entries(services)) {
    const path = `services.${service}`
    const runs = workloads.filter((object) => rolesOf(object, { [service]: spec }).length > 0)
    if (runs.length === 0 && spec.workload !== undefined) {
      const names = workloads.map((object) => `${object.kind}/${object.metadata.name}`)
      problems.push(
        `${path}.workload: no manifest has ${spec.workload}${suggestion(nearest(spec.workload, names), names)}`,
      )
    } else if (runs.length === 0) {
      const wanted = spec.image ?? service
      const names = [...new Set([...images].map(repositoryOf))]
      problems.push(`${path}: no workload runs the image "${wanted}"${suggestion(nearestImage(wanted, names), names)}`)
    }
    for (const object of runs) {
      const names = containersOf(podTemplate(object) ?? empty).map((each) => each.name)
      if (spec.container === undefined || names.includes(spec.container)) continue
      const problem = `${object.kind}/${object.metadata.name} has no container "${spec.container}"`
      problems.push(`${path}.container: ${problem}${suggestion(nearest(spec.container, names), names)}`)
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
