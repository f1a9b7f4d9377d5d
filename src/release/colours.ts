import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, nameOf } from '../kube/api.ts'
import { servicesOf } from '../kube/pod-services.ts'
import { labels } from '../lib/keys.ts'
import { nearest } from '../lib/text.ts'
import { labelsOf, selectorOf, selects } from '../manifests/service.ts'
import { workloadsOf } from './workloads.ts'

/**
 * A Service whose selector has a label, such as `color`, that selects one of several versions, and the workloads of
 * these versions.
 */
export interface Choice {
  readonly service: KubeObject
  /** Key of the label: `color`, `version`. */
  readonly key: string
  /** The label's current value in the selector. */
  readonly current: string
  /** The workloads by their value of the label. They match the rest of the selector. */
  readonly colours: ReadonlyMap<string, readonly KubeObject[]>
}

/**
 * Labels that say what a workload is, not which version of it. Workloads that differ in one of them are not versions of
 * each other.
 */
const identity = [
  /^(app|k8s-app|name|component|tier|role|part-of|instance)$/,
  /^app\.kubernetes\.io\/(name|instance|component|part-of|managed-by)$/,
  /^devk\.dev\//,
]

/** Every Service that can be switched, once for each label that can be. Pure. */
export function choices(services: readonly KubeObject[], workloads: readonly KubeObject[]): Choice[] {
  return services.flatMap((service) => {
    const selector = selectorOf(service)
    return Object.keys(selector)
      .filter((key) => !identity.some((pattern) => pattern.test(key)))
      .flatMap((key): Choice[] => {
        const { [key]: current = '', ...rest } = selector
        if (Object.keys(rest).length === 0) return []
        const matching = workloads.filter((workload) => selects(service, workload, rest))
        const colours = Map.groupBy(matching, (workload) => labelsOf(workload)[key] ?? '')
        colours.delete('')
        return colours.size > 1 ? [{ service, key, current, colours }] : []
      })
  })
}

/** Every Service of a project that can be switched, and the services of the configuration that own its workloads. */
export async function readChoices(kube: Kube, project: string, signal: AbortSignal) {
  const [workloads, services] = await Promise.all([
    workloadsOf(kube, project, [], signal),
    kube.list({ apiVersion: 'v1', kind: 'Service' }, { labels: `${labels.project}=${project}`, signal }),
  ])
  const owners = new Map(workloads.map((workload) => [nameOf(workload), servicesOf(workload)]))
  return { all: choices(services, workloads), owners }
}

/** The choice that `name` means in a project; see `chooseService`. Throws USAGE and KUBE_API. */
export async function choiceFor(kube: Kube, project: string, name: string, signal: AbortSignal): Promise<Choice> {
  const { all, owners } = await readChoices(kube, project, signal)
  return chooseService(all, name, owners)
}

/**
 * The choice that `name` means: the Service of that name, or the one that selects workloads of the service (in the
 * configuration) of that name. If each colour also has a Service of its own, the common one is meant. `owners` maps
 * workloads (`nameOf`) to services. Pure.
 * Throws USAGE if there is none, or more than one.
 */
export function chooseService(
  all: readonly Choice[],
  name: string,
  owners: ReadonlyMap<string, readonly string[]>,
): Choice {
  const exact = all.filter(({ service }) => service.metadata.name === name)
  const owned = all.filter(({ colours }) =>
    [...colours.values()].flat().some((workload) => owners.get(nameOf(workload))?.includes(name)),
  )
  const common = (found: readonly Choice[]) => {
    const rest = found.filter(({ service, current }) => !service.metadata.name.split('-').includes(current))
    return rest.length > 0 ? rest : found
  }
  const found = exact.length > 0 ? exact : common(owned)
  const [only, ...others] = found
  if (only !== undefined && others.length === 0) return only
  const names = [...new Set((only === undefined ? all : found).map(({ service }) => service.metadata.name))]
  if (only !== undefined) {
    throw new DevkError('USAGE', `The service ${name} has several Services that can be switched: ${names.join(', ')}`, {
      hint: `Use the name of one of them: devk switch ${names[0]} COLOUR`,
    })
  }
  const near = nearest(name, [...names, ...[...owners.values()].flat()])
  throw new DevkError('USAGE', `No Service of ${name} can be switched`, {
    details: [
      'A Service can be switched if its selector has a label, such as color, that differs between two workloads.',
    ],
    hint:
      near !== undefined && near !== name
        ? `Did you mean "${near}"?`
        : `Services that can be switched: ${names.join(', ') || 'none'}.`,
  })
}

/**
 * The workloads of a colour. Pure. Throws USAGE if no workload has it, with a suggestion if another colour is similar.
 */
export function requireColour({ service, key, colours }: Choice, colour: string): readonly KubeObject[] {
  const workloads = colours.get(colour)
  if (workloads !== undefined) return workloads
  const known = [...colours.keys()]
  const near = nearest(colour, known)
  throw new DevkError('USAGE', `No workload of ${service.metadata.name} has the label ${key}: ${colour}`, {
    details: [`Available: ${known.join(', ')}. Nothing was changed.`],
    ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
  })
}
