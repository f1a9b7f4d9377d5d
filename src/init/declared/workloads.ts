import { groupKindOf, type KubeObject } from '../../kube/api.ts'
import { repositoryOf } from '../../lib/image-reference.ts'
import { isRecord } from '../../lib/record.ts'
import { podTemplate } from '../../manifests/workload.ts'
import { imagesOf } from '../propose/services.ts'
import type { Services } from './subject.ts'

/**
 * The services of a proposed configuration by the names of the workloads that run their images, and of the Services in
 * front of those: other tools use these names. A name that stands for several services is left out. Pure.
 */
export function servicesByName(objects: readonly KubeObject[], services: Services): ReadonlyMap<string, string> {
  const found = new Map<string, Set<string>>()
  const own = Object.entries(services).filter(([, { build }]) => build !== undefined)
  const fronts = objects.flatMap((object) => frontOf(object) ?? [])
  for (const workload of objects.filter((object) => podTemplate(object) !== undefined)) {
    const images = imagesOf(workload).map(repositoryOf)
    const keys = own.flatMap(([key, { image = key }]) =>
      images.some((each) => each === image || each.endsWith(`/${image}`)) ? [key] : [],
    )
    const labels = podTemplate(workload)?.metadata?.labels ?? {}
    const before = fronts.filter(({ wanted }) => wanted.every(([key, value]) => labels[key] === value))
    for (const name of [workload.metadata.name, ...before.map((front) => front.name)]) {
      found.set(name, new Set([...(found.get(name) ?? []), ...keys]))
    }
  }
  return new Map([...found].flatMap(([name, [key, ...more]]) => (key && more.length === 0 ? [[name, key]] : [])))
}

/** The name of a Service and the labels that it selects; undefined for other objects. */
function frontOf(object: KubeObject): { readonly name: string; readonly wanted: [string, unknown][] } | undefined {
  if (groupKindOf(object) !== '/Service' || !isRecord(object.spec) || !isRecord(object.spec.selector)) return undefined
  const wanted = Object.entries(object.spec.selector)
  return wanted.length === 0 ? undefined : { name: object.metadata.name, wanted }
}
