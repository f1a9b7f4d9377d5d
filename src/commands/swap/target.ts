import { DevkError } from '../../errors.ts'
import { type KubeObject, nameOf } from '../../kube/api.ts'
import { servicesOf } from '../../kube/pod-services.ts'
import { labels } from '../../lib/keys.ts'
import { nearest } from '../../lib/text.ts'
import { selectorOf, selects } from '../../manifests/service.ts'
import { type Container, type PodTemplate, podTemplate } from '../../manifests/workload.ts'
import type { ServiceRecord } from '../../state/projects.ts'
import { whyNotSwapped } from '../../swap/ports.ts'

/** What a swap is about. */
export interface SwapTarget {
  /** The Service of the cluster. */
  readonly service: KubeObject
  /** The workload that it selects, and its pods; undefined if devk did not deploy one. */
  readonly workload: KubeObject | undefined
  readonly template: PodTemplate | undefined
  /** The container whose variables the program gets. */
  readonly container: Container | undefined
}

/** The objects of a project. */
export interface Deployed {
  readonly services: readonly KubeObject[]
  readonly workloads: readonly KubeObject[]
  readonly record: readonly ServiceRecord[]
}

/**
 * Finds what `name` means: the Service of that name, or the one that selects pods of the service of that name in the
 * configuration. Pure. Throws USAGE if there is none or more than one, and for a Service that cannot be swapped.
 */
export function swapTarget(name: string, { services, workloads, record }: Deployed): SwapTarget {
  const own = workloads.filter((workload) => servicesOf(workload).includes(name))
  const exact = services.filter((service) => service.metadata.name === name)
  const selecting = services.filter((service) => own.some((workload) => leadsTo(service, workload)))
  const found = exact.length > 0 ? exact : selecting
  const fit = found.filter((service) => whyNotSwapped(service) === undefined)
  const [only, ...others] = fit.length > 0 ? fit : found
  if (only === undefined) throw unknown(name, { services, workloads, record })
  if (others.length > 0) {
    const names = [only, ...others].map((service) => service.metadata.name)
    throw new DevkError('USAGE', `The service ${name} has several Services: ${names.join(', ')}`, {
      hint: `Use the name of one of them: devk swap ${names[0]}`,
    })
  }
  const reason = whyNotSwapped(only)
  if (reason !== undefined) throw new DevkError('USAGE', `${nameOf(only)} cannot be swapped: it ${reason}`)
  const workload = own.find((each) => leadsTo(only, each)) ?? workloads.find((each) => leadsTo(only, each))
  const template = workload && podTemplate(workload)
  return { service: only, workload, template, container: template && containerOf(template, workload, record, name) }
}

/** Whether a Service selects the pods of a workload when it is not swapped: a swap adds a label to the selector. */
function leadsTo(service: KubeObject, workload: KubeObject): boolean {
  const { [labels.swap]: _, ...selector } = selectorOf(service)
  return selects(service, workload, selector)
}

/** The container that the configuration names for the service, or the first one. */
function containerOf(
  template: PodTemplate,
  workload: KubeObject,
  record: readonly ServiceRecord[],
  name: string,
): Container | undefined {
  const names = [name, ...servicesOf(workload)]
  const recorded = names.flatMap((each) => record.find((one) => one.name === each)?.container ?? [])
  const { containers } = template.spec
  return containers.find((each) => recorded.includes(each.name)) ?? containers[0]
}

function unknown(name: string, { services, record }: Deployed): DevkError {
  const known = [...new Set([...record.map((each) => each.name), ...services.map(({ metadata }) => metadata.name)])]
  const near = nearest(name, known)
  const isKnown = known.includes(name)
  return new DevkError('USAGE', isKnown ? `No Service leads to ${name}` : `There is no service ${name}`, {
    hint:
      near !== undefined && !isKnown
        ? `Did you mean "${near}"?`
        : `Services of the cluster: ${services.map(({ metadata }) => metadata.name).join(', ') || 'none'}.`,
  })
}

/** What the fields of a pod are for a program of this machine, by the paths that `fieldRef` uses. Pure. */
export function podFields({ service, workload, template }: SwapTarget): Record<string, string> {
  const { namespace = 'default', name } = service.metadata
  const meta = template?.metadata ?? {}
  const mapped = (field: 'labels' | 'annotations') =>
    Object.entries(meta[field] ?? {}).map(([key, value]) => [`metadata.${field}['${key}']`, value])
  return {
    'metadata.name': `${workload?.metadata.name ?? name}-devk-swap`,
    'metadata.namespace': namespace,
    'spec.serviceAccountName': String(template?.spec.serviceAccountName ?? 'default'),
    'status.podIP': '127.0.0.1',
    'status.podIPs': '127.0.0.1',
    'status.hostIP': '127.0.0.1',
    ...Object.fromEntries([...mapped('labels'), ...mapped('annotations')]),
  }
}
