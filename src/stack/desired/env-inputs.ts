import type { KubeObject } from '../../kube/api.ts'
import { annotations, labels } from '../../lib/keys.ts'
import { contentHash } from '../../manifests/hash.ts'
import { containersOf, type PodTemplate, podTemplate, withPodTemplate } from '../../manifests/workload.ts'

/**
 * The objects, with an annotation on each pod template whose environment comes from Secrets or ConfigMaps among them.
 * Kubernetes does not restart a pod when such a variable changes; the changed annotation makes it do so. The objects
 * must have their hash labels. Pure.
 */
export function withInputs(objects: readonly KubeObject[], key: string): KubeObject[] {
  const hashes = new Map(
    objects.map((object) => [
      idOf(object.kind, object.metadata.namespace, object.metadata.name),
      object.metadata.labels?.[labels.hash],
    ]),
  )
  return objects.map((object) => {
    const template = podTemplate(object)
    if (template === undefined || object.kind === 'Pod') return object
    const used = sourcesOf(template).map((source) =>
      hashes.get(idOf(source.kind, object.metadata.namespace, source.name)),
    )
    const known = used.filter((hash) => hash !== undefined)
    if (known.length === 0) return object
    return withPodTemplate(object, (own) => {
      own.metadata = {
        ...own.metadata,
        annotations: { ...own.metadata?.annotations, [annotations.inputs]: contentHash(known, key) },
      }
    })
  })
}

function idOf(kind: string, namespace: string | undefined, name: string): string {
  return `${kind} ${namespace}/${name}`
}

interface Source {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly name: string
}

function sourcesOf(template: PodTemplate): Source[] {
  type Refs = { secretRef?: { name: string }; configMapRef?: { name: string } }
  type From = { secretKeyRef?: { name: string }; configMapKeyRef?: { name: string } }
  const all = containersOf(template).flatMap(({ env = [], envFrom = [] }) => [
    ...env.flatMap(({ valueFrom }) => {
      const { secretKeyRef, configMapKeyRef } = (valueFrom ?? {}) as From
      return [asSource('Secret', secretKeyRef), asSource('ConfigMap', configMapKeyRef)]
    }),
    ...(envFrom as Refs[]).flatMap(({ secretRef, configMapRef }) => [
      asSource('Secret', secretRef),
      asSource('ConfigMap', configMapRef),
    ]),
  ])
  const unique = new Map(all.flatMap((source) => (source ? [[`${source.kind}/${source.name}`, source] as const] : [])))
  return [...unique.values()]
}

function asSource(kind: Source['kind'], ref: { name: string } | undefined): Source | undefined {
  return ref && { kind, name: ref.name }
}
