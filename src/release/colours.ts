import { DevkError } from '../errors.ts'
import { type KubeObject, nameOf } from '../kube/api.ts'
import { nearest } from '../lib/text.ts'
import { labelsOf, selectorOf } from '../stack/switched.ts'

/** A Service whose selector has one label that tells versions of the same thing apart, and the workloads it can choose among. */
export interface Choice {
  readonly service: KubeObject
  /** The label: `color`, `version`. */
  readonly key: string
  /** Its value in the selector now. */
  readonly current: string
  /** Workloads by value of the label; each has what else the selector asks for. */
  readonly colours: ReadonlyMap<string, readonly KubeObject[]>
}

/** Labels that say what a thing is, not which version of it: workloads that differ in them are no choice. */
const identity =
  /^(app|k8s-app|name|component|tier|role|part-of|instance|app\.kubernetes\.io\/(name|instance|component|part-of|managed-by)|devk\.dev\/.*)$/

/** Every such Service, with the workloads that its selector without that label matches. Pure. */
export function choices(services: readonly KubeObject[], workloads: readonly KubeObject[]): Choice[] {
  return services.flatMap((service) => {
    const selector = selectorOf(service)
    return Object.keys(selector)
      .filter((key) => !identity.test(key))
      .flatMap((key): Choice[] => {
        const { [key]: current = '', ...rest } = selector
        if (Object.keys(rest).length === 0) return []
        const matching = workloads.filter((workload) => isChosen(workload, service, rest))
        const colours = Map.groupBy(matching, (workload) => labelsOf(workload)[key] ?? '')
        colours.delete('')
        return colours.size > 1 ? [{ service, key, current, colours }] : []
      })
  })
}

/**
 * The one Service that `name` means: by its own name, or as a service of the configuration whose workloads it chooses among. Of a
 * Service for each colour beside the common one, the common one is meant.
 * Throws USAGE when there is none, or more than one.
 */
export function chooseService(all: readonly Choice[], name: string, owners: ReadonlyMap<string, string>): Choice {
  const exact = all.filter(({ service }) => service.metadata.name === name)
  const owned = all.filter(({ colours }) =>
    [...colours.values()].flat().some((workload) => owners.get(nameOf(workload)) === name),
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
    throw new DevkError('USAGE', `${name} is behind ${names.join(' and ')}`, {
      hint: `Name the Service itself: devk switch ${names[0]} COLOUR`,
    })
  }
  const near = nearest(name, [...names, ...owners.values()])
  throw new DevkError('USAGE', `No Service of ${name} chooses among versions`, {
    details: ['A Service can be switched whose selector has a label, such as color, that tells two workloads apart.'],
    hint: near !== undefined && near !== name ? `Did you mean "${near}"?` : `There are: ${names.join(', ') || 'none'}.`,
  })
}

/** The workloads of a colour. Throws USAGE for one that no workload has, with the nearest that is there. */
export function requireColour({ service, key, colours }: Choice, colour: string): readonly KubeObject[] {
  const workloads = colours.get(colour)
  if (workloads !== undefined) return workloads
  const known = [...colours.keys()]
  const near = nearest(colour, known)
  throw new DevkError('USAGE', `Nothing behind ${service.metadata.name} has ${key}: ${colour}`, {
    details: [`There are ${known.join(', ')}. Nothing was changed.`],
    ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
  })
}

function isChosen(workload: KubeObject, service: KubeObject, selector: Readonly<Record<string, string>>): boolean {
  const own = labelsOf(workload)
  const near = workload.metadata.namespace === service.metadata.namespace
  return near && Object.entries(selector).every(([key, value]) => own[key] === value)
}
