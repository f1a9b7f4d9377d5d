import type { LoadedConfig } from '../../config/schema.ts'
import type { Engine } from '../../engine/api.ts'
import type { Kube } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import { byTrailingNumber } from '../../lib/order.ts'
import type { RenderedObject } from '../../manifests/rendered.ts'
import type { Preset } from '../../presets/folder.ts'
import type { PresetManifests } from '../../presets/manifests.ts'
import { imagesOf, renderPreset } from '../../presets/render.ts'
import type { Issuer } from '../../presets/tls/issuer.ts'
import { comparePresets, ownParts, type PresetPart, presetPlan } from '../../stack/presets/presets.ts'
import { serverScopes } from '../../stack/scopes.ts'
import type { SeenImages } from '../../state/seen-images.ts'
import { presetObjects } from '../../up/presets/generated.ts'
import { imagesAtHand } from '../../up/presets/images.ts'
import type { PlannedPreset } from './shape.ts'

/** What the plan of presets is compared with. */
export interface PlanPresetsDeps {
  /** undefined if there is no cluster yet. */
  readonly kube: Kube | undefined
  /** undefined if no engine is running: the images are then shown as the manifests name them. */
  readonly engine: Pick<Engine, 'images'> | undefined
  /** The digests that images had when devk first used them. */
  readonly seen: SeenImages
  /** The manifests of each preset. */
  readonly manifests: Promise<PresetManifests>
  /** The objects of the project's own manifests. */
  readonly project: () => Promise<readonly RenderedObject[]>
  /** Issues certificates for the hosts, without storing them; undefined if no preset needs certificates. */
  readonly issuer: Issuer | undefined
}

/** Compares the presets with the cluster. Changes nothing. Throws OBJECT_FOREIGN and IMAGE_CHANGED as `up` would. */
export async function planPresets(
  config: LoadedConfig,
  chosen: readonly Preset[],
  deps: PlanPresetsDeps,
  signal: AbortSignal,
): Promise<PlannedPreset[]> {
  const { kube, engine, seen } = deps
  const hooks = { say: () => {}, done: () => {} }
  const [{ objects: all }, portNode] = await Promise.all([
    presetObjects({ ...deps, config, chosen, hooks }, signal),
    kube === undefined ? undefined : controlPlaneOf(kube, signal),
  ])
  const kinds = [...all.values()].flatMap((each) => each.map(({ object }) => object))
  const namespaced = kube === undefined ? () => undefined : await serverScopes(kube, kinds, signal)
  const rendered = await Promise.all(
    chosen.map(async (preset): Promise<PresetPart> => {
      const written = all.get(preset.name) ?? []
      const images =
        engine === undefined ? new Map() : await imagesAtHand(preset, imagesOf(written), { engine, seen }, signal)
      return { preset, objects: renderPreset(preset, written, { project: config.name, images, portNode, namespaced }) }
    }),
  )
  const parts = ownParts(rendered)
  if (kube === undefined) {
    return parts.map(({ preset, objects }) => ({ ...none, ...nameOf(preset), create: objects.length }))
  }
  const stack = await comparePresets(config.name, parts, { kube, signal })
  const wanted = parts.map((part): PlannedPreset => {
    const { actions } = presetPlan(stack, part).plan
    const of = (...what: string[]) => actions.filter((action) => what.includes(action.do)).length
    const counts = { create: of('create'), change: of('update', 'replace'), unchanged: of('unchanged', 'keep') }
    return { ...none, ...nameOf(part.preset), ...counts }
  })
  const byPreset = Map.groupBy(stack.surplus, ({ metadata }) => metadata.labels?.[labels.preset] ?? '')
  const kept = new Set(chosen.map(({ name }) => name))
  const gone = [...byPreset].filter(([name]) => !kept.has(name))
  return [
    ...wanted.map((each) => ({ ...each, delete: byPreset.get(each.name)?.length ?? 0 })),
    ...gone.map(([name, objects]) => ({ ...none, name, version: null, delete: objects.length })),
  ]
}

const none = { create: 0, change: 0, delete: 0, unchanged: 0 } as const

function nameOf({ name, version }: Preset): Pick<PlannedPreset, 'name' | 'version'> {
  return { name, version }
}

/** Name of the node whose ports are mapped to this machine. */
async function controlPlaneOf(kube: Kube, signal: AbortSignal): Promise<string | undefined> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' }, { signal })
  const planes = nodes.filter(({ metadata }) => 'node-role.kubernetes.io/control-plane' in (metadata.labels ?? {}))
  return planes.map(({ metadata }) => metadata.name).sort(byTrailingNumber)[0]
}
