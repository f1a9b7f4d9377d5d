import type { KubeObject } from '../../kube/api.ts'
import { annotations, labels } from '../../lib/keys.ts'
import { contentHash } from '../../manifests/hash.ts'
import {
  type Container,
  containersOf,
  type PodTemplate,
  podTemplate,
  withPodTemplate,
} from '../../manifests/workload.ts'

/**
 * The objects, with an annotation on each pod template whose environment, or whose files that the kubelet does not
 * update, come from Secrets or ConfigMaps among them. Kubernetes does not restart a pod when these change; the changed
 * annotation makes it do so. The objects must have their hash labels. Pure.
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

/** What a container reads when it starts, and never again. */
function sourcesOf(template: PodTemplate): Source[] {
  const all = [...containersOf(template).flatMap(environmentSources), ...oldFiles(template)]
  const unique = new Map(all.flatMap((source) => (source ? [[`${source.kind}/${source.name}`, source] as const] : [])))
  return [...unique.values()]
}

type Sources = readonly (Source | undefined)[]

function environmentSources({ env = [], envFrom = [] }: Container): Sources {
  type Refs = { secretRef?: { name: string }; configMapRef?: { name: string } }
  type From = { secretKeyRef?: { name: string }; configMapKeyRef?: { name: string } }
  return [
    ...env.flatMap(({ valueFrom }) => {
      const { secretKeyRef, configMapKeyRef } = (valueFrom ?? {}) as From
      return [asSource('Secret', secretKeyRef), asSource('ConfigMap', configMapKeyRef)]
    }),
    ...(envFrom as Refs[]).flatMap(({ secretRef, configMapRef }) => [
      asSource('Secret', secretRef),
      asSource('ConfigMap', configMapRef),
    ]),
  ]
}

/**
 * The kubelet brings a changed ConfigMap or Secret into running containers, but not into mounts with `subPath`. Init
 * containers have read theirs.
 */
function oldFiles({ spec }: PodTemplate): Sources {
  const mounts = [
    ...spec.containers.flatMap(mountsOf).filter(({ subPath, subPathExpr }) => subPath || subPathExpr),
    ...(spec.initContainers ?? []).flatMap(mountsOf),
  ]
  const mounted = new Set(mounts.map(({ name }) => name))
  return ((spec.volumes ?? []) as Volume[]).filter(({ name }) => mounted.has(name ?? '')).flatMap(volumeSources)
}

interface Mount {
  readonly name: string
  readonly subPath?: string
  readonly subPathExpr?: string
}

function mountsOf({ volumeMounts }: Container): Mount[] {
  return (volumeMounts ?? []) as Mount[]
}

/** A volume with files of Secrets and ConfigMaps, or one of the sources of a projected volume. */
interface Volume {
  readonly name?: string
  readonly configMap?: { name: string }
  readonly secret?: { secretName?: string; name?: string }
  readonly projected?: { sources?: readonly Volume[] }
}

function volumeSources({ configMap, secret, projected }: Volume): Sources {
  return [
    asSource('ConfigMap', configMap),
    asSource('Secret', secret && { name: secret.secretName ?? secret.name ?? '' }),
    ...(projected?.sources ?? []).flatMap(volumeSources),
  ]
}

function asSource(kind: Source['kind'], ref: { name: string } | undefined): Source | undefined {
  return ref && { kind, name: ref.name }
}
