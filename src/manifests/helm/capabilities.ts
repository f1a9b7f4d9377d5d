import type { KubeObject } from '../../kube/api.ts'
import { isRecord } from '../../lib/record.ts'

/**
 * The API versions that the custom resource definitions among these objects add to a cluster, as Helm names them:
 * `example.com/v1` and `example.com/v1/Thing`. Pure.
 */
export function definedVersions(objects: readonly KubeObject[]): string[] {
  return objects.flatMap(({ kind, spec }) => {
    if (kind !== 'CustomResourceDefinition' || !isRecord(spec) || !isRecord(spec.names)) return []
    const { group, names, versions } = spec
    const served = Array.isArray(versions) ? versions.filter(isRecord).filter((version) => version.served === true) : []
    return served.flatMap(({ name }) => [`${group}/${name}`, `${group}/${name}/${names.kind}`])
  })
}
