import type { Service } from '../config/schema.ts'
import type { KubeObject } from '../kube/api.ts'
import { repositoryOf, sameImage } from '../lib/image-reference.ts'
import { nearest } from '../lib/text.ts'
import { containersOf, podTemplate } from './workload.ts'

/** A service and the container of a workload that runs it. */
export interface Role {
  readonly service: string
  /** Names of the workload's containers (also init containers) that run the service's image. */
  readonly containers: readonly string[]
  /** The container that command, args and env of the configuration are for. */
  readonly main: string | undefined
}

/**
 * The services that a workload runs: the one whose `workload` names it, and each whose image its containers run.
 * A service that names its workload is looked for nowhere else.
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
    // A named workload, or a named container, is the service's even when its image has another name.
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
 * What is wrong between services and workloads: a service that nothing runs, with the nearest name that is there;
 * a container that its workload does not have. Each line begins with the configuration path.
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
      problems.push(`${path}.workload: no manifest has ${spec.workload}${meant(nearest(spec.workload, names), names)}`)
    } else if (runs.length === 0) {
      const wanted = spec.image ?? service
      const names = [...new Set([...images].map(repositoryOf))]
      problems.push(`${path}: no workload runs the image "${wanted}"${meant(nearestImage(wanted, names), names)}`)
    }
    for (const object of runs) {
      const names = containersOf(podTemplate(object) ?? empty).map((each) => each.name)
      if (spec.container === undefined || names.includes(spec.container)) continue
      const there = `${object.kind}/${object.metadata.name} has no container "${spec.container}"`
      problems.push(`${path}.container: ${there}${meant(nearest(spec.container, names), names)}`)
    }
  }
  return problems
}

const empty = { spec: { containers: [] } }

/** `todo-backend` is what someone meant who wrote `backend`, although the edit distance is large. */
function nearestImage(wanted: string, names: readonly string[]): string | undefined {
  return nearest(wanted, names) ?? names.find((name) => name.includes(wanted) || wanted.includes(name))
}

function meant(near: string | undefined, names: readonly string[]): string {
  if (near !== undefined) return `; did you mean "${near}"?`
  return names.length === 0 ? '; the manifests have no workload' : `; the manifests have ${names.join(', ')}`
}
