import { createHash } from 'node:crypto'
import { type KindRef, type KubeObject, keyOf } from '../kube/api.ts'
import { annotations as keys, labels } from '../lib/keys.ts'
import { isRecord } from '../lib/record.ts'
import { canonicalJson } from '../manifests/hash.ts'
import type { RenderedObject } from '../manifests/rendered.ts'
import { scopes } from '../manifests/scope.ts'
import { containersOf, type PodTemplate, podTemplate, startFromNode, withPodTemplate } from '../manifests/workload.ts'
import type { Preset } from './folder.ts'

/** The project and cluster that a preset is rendered for. */
export interface RenderContext {
  readonly project: string
  /** The image to run, by the image in the manifests. */
  readonly images: ReadonlyMap<string, string>
  /** The node whose ports are mapped to this machine; undefined if no node's are. */
  readonly portNode: string | undefined
  /** Whether a kind is namespaced, by the server's account; undefined for a kind that it does not know. */
  readonly namespaced?: (kind: KindRef) => boolean | undefined
}

/**
 * Renders the objects of a preset for a project: sets namespaces, labels and images, adds the Namespace, and assigns
 * pods with a host port to the node whose ports are mapped. Pure.
 */
export function renderPreset(
  preset: Preset,
  written: readonly RenderedObject[],
  context: RenderContext,
): RenderedObject[] {
  const namespaced = scopes(
    written.map(({ object }) => object),
    context.namespaced,
  )
  const marks = { [labels.project]: context.project, [labels.preset]: preset.name }
  const placed = written.map((entry) => {
    const { object } = entry
    const { namespace, ...meta } = object.metadata
    const metadata = namespaced(object) ? { ...meta, namespace: namespace ?? preset.namespace } : meta
    return { ...entry, object: { ...object, metadata } }
  })
  const contents = new Map(placed.map(({ object }) => [keyOf(object), object]))
  const objects = placed.map((entry) => {
    const { object } = entry
    const pods = withPodTemplate(object, (template) => adapt(template, object, { ...context, marks, contents }))
    return { ...entry, object: labelled(withClaims(pods, marks), marks) }
  })
  const namespace = needsNamespace(preset, objects) ? namespaceOf(preset, marks) : undefined
  return namespace === undefined ? objects : [namespace, ...objects]
}

/** Manifests from elsewhere may bring their own namespaces, under other names. */
function needsNamespace({ from, namespace }: Preset, objects: readonly RenderedObject[]): boolean {
  if (from === undefined) return true
  const isThere = objects.some(({ object }) => object.kind === 'Namespace' && object.metadata.name === namespace)
  return !isThere && objects.some(({ object }) => object.metadata.namespace === namespace)
}

/** The Namespace of a preset; undefined for a namespace that every cluster has. */
function namespaceOf(preset: Preset, marks: Record<string, string>): RenderedObject | undefined {
  const name = preset.namespace
  if (name === 'default' || name.startsWith('kube-')) return undefined
  // The label `name` is not one of Kubernetes, but network policies of production often select namespaces by it.
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { name, ...marks } } }
  return { object, origin: { file: `${preset.name}/preset.yaml`, line: undefined } }
}

interface PodContext extends RenderContext {
  /** Labels that devk adds. */
  readonly marks: Readonly<Record<string, string>>
  /** The objects of the preset by `keyOf`, to find ConfigMaps. */
  readonly contents: ReadonlyMap<string, KubeObject>
}

function adapt(template: PodTemplate, workload: KubeObject, { images, portNode, marks, contents }: PodContext): void {
  for (const container of containersOf(template)) {
    const image = images.get(container.image ?? '')
    if (image === undefined) continue
    container.image = image
    startFromNode(container)
  }
  const annotations = { ...template.metadata?.annotations, ...configHash(template, workload, contents) }
  template.metadata = { ...template.metadata, annotations, labels: { ...template.metadata?.labels, ...marks } }
  if (workload.kind === 'DaemonSet' || portNode === undefined || !hasHostPort(template)) return
  const selector = isRecord(template.spec.nodeSelector) ? template.spec.nodeSelector : {}
  template.spec.nodeSelector = { ...selector, 'kubernetes.io/hostname': portNode }
  const tolerations = Array.isArray(template.spec.tolerations) ? template.spec.tolerations : []
  template.spec.tolerations = [
    ...tolerations,
    { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
  ]
}

function hasHostPort(template: PodTemplate): boolean {
  return containersOf(template).some(
    ({ ports }) => Array.isArray(ports) && ports.some((port) => isRecord(port) && port.hostPort !== undefined),
  )
}

/**
 * An annotation with the hash of the ConfigMaps that a pod mounts or takes variables from. The programs of presets read
 * both only when they start; with the annotation, a change of a ConfigMap restarts the pods.
 */
function configHash(
  template: PodTemplate,
  { metadata }: KubeObject,
  contents: ReadonlyMap<string, KubeObject>,
): Record<string, string> {
  const volumes = Array.isArray(template.spec.volumes) ? template.spec.volumes.filter(isRecord) : []
  const mounted = volumes.flatMap((volume) => [volume, ...projected(volume)]).map(({ configMap }) => configMap)
  const found = [...mounted, ...variableSources(template)].filter(isRecord).flatMap(({ name }) => {
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: metadata.namespace, name: String(name) }
    return contents.get(keyOf(ref))?.data ?? []
  })
  if (found.length === 0) return {}
  return { [keys.mounts]: createHash('sha256').update(canonicalJson(found)).digest('hex').slice(0, 16) }
}

/** The ConfigMaps in `envFrom` of the containers. */
function variableSources(template: PodTemplate): unknown[] {
  const all = containersOf(template).flatMap(({ envFrom = [] }) => envFrom)
  return all.filter(isRecord).map(({ configMapRef }) => configMapRef)
}

function projected(volume: Record<string, unknown>): Record<string, unknown>[] {
  const { projected: volumes } = volume
  return isRecord(volumes) && Array.isArray(volumes.sources) ? volumes.sources.filter(isRecord) : []
}

/** Labels the volume claims that a StatefulSet creates, so that devk finds them later. */
function withClaims(object: KubeObject, marks: Record<string, string>): KubeObject {
  const { spec } = object
  if (!isRecord(spec) || !Array.isArray(spec.volumeClaimTemplates)) return object
  const claims = (spec.volumeClaimTemplates as KubeObject[]).map((claim) => labelled(claim, marks))
  return { ...object, spec: { ...spec, volumeClaimTemplates: claims } }
}

function labelled(object: KubeObject, marks: Record<string, string>): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...marks } } }
}

/** The images of objects, sorted and without duplicates. */
export function imagesOf(objects: readonly RenderedObject[]): string[] {
  const all = objects.flatMap(({ object }) => {
    const template = podTemplate(object)
    return template === undefined ? [] : containersOf(template).flatMap(({ image }) => image ?? [])
  })
  return [...new Set(all)].sort()
}
