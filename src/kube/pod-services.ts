import { annotations, labels, sharedServicePrefix } from '../lib/keys.ts'
import type { KubeObject } from './api.ts'

/**
 * The services that a workload or pod runs, from its labels. A pod can run several services, each in containers of its
 * own. Pure.
 */
export function servicesOf({ metadata }: Pick<KubeObject, 'metadata'>): string[] {
  const own = metadata.labels ?? {}
  const shared = Object.keys(own).flatMap((key) =>
    key.startsWith(sharedServicePrefix) ? [key.slice(sharedServicePrefix.length)] : [],
  )
  if (shared.length > 0) return shared
  const only = own[labels.service]
  return only === undefined ? [] : [only]
}

/**
 * The service that a container of a pod runs. In a pod with several services, a container that runs none of them, such
 * as a sidecar of a mesh, counts to the first one. Pure.
 */
export function serviceOfContainer({ metadata }: Pick<KubeObject, 'metadata'>, container: string): string | undefined {
  return containerServices(metadata)?.[container] ?? metadata.labels?.[labels.service]
}

/** The containers that run a service in a pod with several services; undefined for other pods. Pure. */
export function containersOfService(
  { metadata }: Pick<KubeObject, 'metadata'>,
  service: string,
): readonly string[] | undefined {
  const services = containerServices(metadata)
  return services && Object.keys(services).filter((container) => services[container] === service)
}

/** The labels and annotations by which the functions above find the services of a pod template. Pure. */
export function sharedMarks(containers: Readonly<Record<string, readonly string[]>>): {
  readonly labels: Record<string, string>
  readonly annotations: Record<string, string>
} {
  const services = Object.keys(containers)
  if (services.length < 2) return { labels: {}, annotations: {} }
  const pairs = services.flatMap((service) => (containers[service] ?? []).map((name) => `${name}=${service}`))
  return {
    labels: Object.fromEntries(services.map((service) => [`${sharedServicePrefix}${service}`, ''])),
    annotations: { [annotations.containers]: pairs.join(',') },
  }
}

/** Names of containers and services are DNS labels: they contain neither `=` nor a comma. */
function containerServices({ annotations: notes }: KubeObject['metadata']): Record<string, string> | undefined {
  const value = notes?.[annotations.containers]
  return value === undefined ? undefined : Object.fromEntries(value.split(',').map((pair) => pair.split('=')))
}
