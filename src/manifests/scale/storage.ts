import { groupKindOf, type KubeObject } from '../../kube/api.ts'
import { bytesOf } from '../../lib/quantity.ts'
import type { RenderedObject } from '../rendered.ts'
import { fieldsAt, listOf, type ScalePlace, type ScaleRule } from './rule.ts'

/** Reduces the size of claims (scale.storage) and renames their storage classes (scale.storageClasses). */
export const claims: ScaleRule = ({ object, scale, note }) => {
  for (const { spec, path } of claimSpecs(object)) {
    const requests = fieldsAt(spec, 'resources', 'requests')
    const size = requests?.storage
    if (requests !== undefined && scale.storage !== undefined && bytesOf(String(size)) > bytesOf(scale.storage)) {
      note('scale.storage', `${path}.resources.requests.storage`, size, scale.storage)
      requests.storage = scale.storage
    }
    const wanted = scale.storageClasses[String(spec.storageClassName ?? '')]
    if (wanted === undefined) continue
    note('scale.storageClasses', `${path}.storageClassName`, spec.storageClassName, wanted)
    spec.storageClassName = wanted
  }
  return undefined
}

/**
 * Gives a storage class of a cloud the provisioner of this cluster. Drops a renamed class, which nothing refers to
 * anymore.
 */
export const storageClasses: ScaleRule = ({ object, scale, place, note }) => {
  if (groupKindOf(object) !== 'storage.k8s.io/StorageClass') return
  const { name } = object.metadata
  if (scale.storageClasses[name] !== undefined) {
    note('scale.storageClasses', 'StorageClass', name, 'left out')
    return 'drop'
  }
  if (place.storage === undefined || object.provisioner === place.storage.provisioner) return
  note('storage class alias', 'provisioner', object.provisioner, place.storage.provisioner)
  Object.assign(object, localClass(name, place.storage.provisioner), { metadata: object.metadata })
  for (const field of ['parameters', 'mountOptions', 'allowedTopologies', 'allowVolumeExpansion']) delete object[field]
}

/**
 * Storage classes that claims refer to but nothing defines, with the provisioner of the cluster. [] when its classes
 * are not known.
 */
export function missingClasses(rendered: readonly RenderedObject[], { storage }: ScalePlace): RenderedObject[] {
  if (storage === undefined) return []
  const defined = rendered.flatMap(({ object }) => (object.kind === 'StorageClass' ? [object.metadata.name] : []))
  const named = rendered.flatMap(({ object }) =>
    claimSpecs(object).flatMap(({ spec }) =>
      typeof spec.storageClassName === 'string' ? [spec.storageClassName] : [],
    ),
  )
  // An empty name requests a volume that is created manually.
  const missing = new Set(named.filter((name) => name !== '' && ![...defined, ...storage.classes].includes(name)))
  return [...missing].map((name) => ({
    object: localClass(name, storage.provisioner),
    origin: { file: 'storage class alias', line: undefined },
  }))
}

function localClass(name: string, provisioner: string): KubeObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  }
}

function claimSpecs(object: KubeObject): { spec: Record<string, unknown>; path: string }[] {
  const own = object.kind === 'PersistentVolumeClaim' ? fieldsAt(object, 'spec') : undefined
  const templates = object.kind === 'StatefulSet' ? listOf(fieldsAt(object, 'spec')?.volumeClaimTemplates) : []
  return [
    ...(own === undefined ? [] : [{ spec: own, path: 'spec' }]),
    ...templates.flatMap((template) => {
      const spec = fieldsAt(template, 'spec')
      const name = String(fieldsAt(template, 'metadata')?.name ?? '')
      return spec === undefined ? [] : [{ spec, path: `volumeClaimTemplates[${name}]` }]
    }),
  ]
}
