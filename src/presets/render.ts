import { createHash } from 'node:crypto'
import { type KubeObject, keyOf } from '../kube/api.ts'
import { annotations as keys, labels } from '../lib/keys.ts'
import { canonicalJson } from '../manifests/hash.ts'
import { isRecord, type RenderedObject } from '../manifests/rendered.ts'
import { scopes } from '../manifests/scope.ts'
import { containersOf, type PodTemplate, podTemplate, withPodTemplate } from '../manifests/workload.ts'
import type { Preset } from './folder.ts'

export interface RenderContext {
  readonly project: string
  /** Image as the manifests write it → the one to run. */
  readonly images: ReadonlyMap<string, string>
  /** The node whose ports are mapped to this machine; undefined: none is. */
  readonly portNode: string | undefined
}

/**
 * A preset's objects as this project installs them: with its namespace, labels, images, and pods with a host port on the node whose
 * ports are mapped. Pure.
 */
export function renderPreset(
  preset: Preset,
  written: readonly RenderedObject[],
  context: RenderContext,
): RenderedObject[] {
  const namespaced = scopes(written.map(({ object }) => object))
  const own = { [labels.project]: context.project, [labels.preset]: preset.name }
  const placed = written.map(({ object, origin }) => {
    const { namespace, ...meta } = object.metadata
    const metadata = namespaced(object) ? { ...meta, namespace: namespace ?? preset.namespace } : meta
    return { origin, object: { ...object, metadata } }
  })
  const contents = new Map(placed.map(({ object }) => [keyOf(object), object]))
  const objects = placed.map(({ object, origin }) => {
    const pods = withPodTemplate(object, (template) => adapt(template, object, own, contents, context))
    return { origin, object: labelled(withClaims(pods, own), own) }
  })
  const home = namespaceOf(preset, own)
  return home === undefined ? objects : [home, ...objects]
}

/** Kubernetes' own namespaces are there already. */
function namespaceOf(preset: Preset, own: Record<string, string>): RenderedObject | undefined {
  const name = preset.namespace
  if (name === 'default' || name.startsWith('kube-')) return undefined
  // Network policies of production select namespaces by a label of this name.
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { name, ...own } } }
  return { object, origin: { file: `${preset.name}/preset.yaml`, line: undefined } }
}

function adapt(
  template: PodTemplate,
  workload: KubeObject,
  own: Record<string, string>,
  contents: ReadonlyMap<string, KubeObject>,
  { images, portNode }: RenderContext,
): void {
  for (const container of containersOf(template)) {
    const image = images.get(container.image ?? '')
    if (image !== undefined) container.image = image
  }
  const annotations = { ...template.metadata?.annotations, ...mounts(template, workload, contents) }
  template.metadata = { ...template.metadata, annotations, labels: { ...template.metadata?.labels, ...own } }
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

/** Programs of presets read their files at start; the annotation changes with the ConfigMaps a pod mounts, and restarts it. */
function mounts(
  template: PodTemplate,
  { metadata }: KubeObject,
  contents: ReadonlyMap<string, KubeObject>,
): Record<string, string> {
  const volumes = Array.isArray(template.spec.volumes) ? template.spec.volumes.filter(isRecord) : []
  const sources = volumes.flatMap((volume) => [volume, ...projected(volume)])
  const found = sources.flatMap(({ configMap }) => {
    if (!isRecord(configMap)) return []
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: metadata.namespace, name: String(configMap.name) }
    return contents.get(keyOf(ref))?.data ?? []
  })
  if (found.length === 0) return {}
  return { [keys.mounts]: createHash('sha256').update(canonicalJson(found)).digest('hex').slice(0, 16) }
}

function projected(volume: Record<string, unknown>): Record<string, unknown>[] {
  const { projected: own } = volume
  return isRecord(own) && Array.isArray(own.sources) ? own.sources.filter(isRecord) : []
}

/** Volume claims made by a StatefulSet are found again by their labels. */
function withClaims(object: KubeObject, own: Record<string, string>): KubeObject {
  const { spec } = object
  if (!isRecord(spec) || !Array.isArray(spec.volumeClaimTemplates)) return object
  const claims = (spec.volumeClaimTemplates as KubeObject[]).map((claim) => labelled(claim, own))
  return { ...object, spec: { ...spec, volumeClaimTemplates: claims } }
}

function labelled(object: KubeObject, own: Record<string, string>): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...own } } }
}

/** Images that a preset's objects name, each once. */
export function imagesOf(objects: readonly RenderedObject[]): string[] {
  const all = objects.flatMap(({ object }) => {
    const template = podTemplate(object)
    return template === undefined ? [] : containersOf(template).flatMap(({ image }) => image ?? [])
  })
  return [...new Set(all)].sort()
}
