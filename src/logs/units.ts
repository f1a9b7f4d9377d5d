import type { Pod } from '../kube/pod.ts'
import { serviceOfContainer } from '../kube/pod-services.ts'
import { isCalled, podNames } from '../kube/pod-workload.ts'
import { labels } from '../lib/keys.ts'

/** Whose logs to read. */
export interface UnitQuery {
  /** Names of the services and externals of the project. */
  readonly known: readonly string[]
  /** What the user asked for: services, externals, jobs, workloads (`NAME` or `KIND/NAME`) and pods. */
  readonly names: readonly string[]
}

/**
 * Returns a function that gives the name under which a container was asked for; undefined if it was not. A service has
 * priority over a workload of the same name. Pure.
 */
export function unitFinder({ known, names }: UnitQuery): (pod: Pod, container: string) => string | undefined {
  const others = names.filter((name) => !known.includes(name))
  return (pod, container) => {
    const unit = serviceOfContainer(pod, container) ?? pod.metadata.labels?.[labels.external]
    if (unit !== undefined && names.includes(unit)) return unit
    if (others.length === 0) return undefined
    const own = podNames(pod)
    return others.find((name) => isCalled(own, name))
  }
}

/** The names that are neither known nor those of a workload with pods. Pure. */
export function unknownUnits({ known, names }: UnitQuery, pods: readonly Pod[]): string[] {
  const all = pods.map(podNames)
  return names.filter((name) => !known.includes(name) && !all.some((own) => isCalled(own, name)))
}

/** The workloads whose pods run no service and no external, each once. Pure. */
export function otherWorkloads(pods: readonly Pod[]): string[] {
  const isOther = ({ metadata }: Pod) => !metadata.labels?.[labels.service] && !metadata.labels?.[labels.external]
  const names = pods.filter(isOther).flatMap((pod) => podNames(pod)[0]?.name ?? [])
  return [...new Set(names)].sort()
}
