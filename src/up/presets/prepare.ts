import type { KubeObject } from '../../kube/api.ts'
import { requireVersions } from '../../presets/fit.ts'
import type { Preset } from '../../presets/folder.ts'
import { renderPreset } from '../../presets/render.ts'
import { setClusterNames } from '../../stack/presets/cluster-names.ts'
import { observePresets, ownParts, type PresetPart } from '../../stack/presets/presets.ts'
import { prunePresets } from '../../stack/presets/prune.ts'
import { serverScopes } from '../../stack/scopes.ts'
import type { PresetOutcome } from '../../terminal/progress.ts'
import { presetObjects } from './generated.ts'
import { type Installation, installDefinitions, installRest, type PresetOptions, patienceMs } from './install.ts'

/** The result of installing the presets. */
export interface PresetsEnded {
  readonly outcomes: readonly PresetOutcome[]
  /** How many objects of presets that are no longer wanted were deleted. */
  readonly removed: number
}

/** Presets that were compared with the cluster. */
export interface PreparedPresets {
  /**
   * Applies what other manifests may need (namespaces, definitions), then returns the rest as the promise `ended`, so
   * that the stack can come up meanwhile. `ended` rejects only with the signal's reason. `wrote`: something in the
   * cluster changed.
   */
  begin(signal: AbortSignal): Promise<{ readonly ended: Promise<PresetsEnded>; readonly wrote: boolean }>
}

/**
 * Compares the presets with the cluster; applies nothing. Throws CONFIG_INVALID when a preset does not support the
 * cluster's version, and OBJECT_FOREIGN when an object that it needs belongs to someone else.
 */
export async function preparePresets(options: PresetOptions, signal: AbortSignal): Promise<PreparedPresets> {
  const { config, platform, chosen: presets } = options
  const { kube } = platform
  const [{ objects: written, hosts }, nodes] = await Promise.all([
    presetObjects({ ...options, kube }, signal),
    presets.length === 0 ? [] : kube.list({ apiVersion: 'v1', kind: 'Node' }, { signal }),
  ])
  if (nodes[0] !== undefined) requireVersions(presets, kubeletVersion(nodes[0]))
  const kinds = [...written.values()].flatMap((each) => each.map(({ object }) => object))
  const namespaced = await serverScopes(kube, kinds, signal)
  const context = {
    namespaced,
    project: config.name,
    portNode: platform.nodes.find(({ role }) => role === 'control-plane')?.name,
  }
  const render = (preset: Preset, images: ReadonlyMap<string, string>): PresetPart => ({
    preset,
    objects: renderPreset(preset, written.get(preset.name) ?? [], { ...context, images }),
  })
  const parts = ownParts(presets.map((preset) => render(preset, new Map())))
  const stack = await observePresets(config.name, parts, { kube, signal })
  const installation: Installation = { options, stack, parts, render, written, hosts }
  return { begin: (either) => begin(installation, either) }
}

async function begin(
  installation: Installation,
  signal: AbortSignal,
): Promise<{ ended: Promise<PresetsEnded>; wrote: boolean }> {
  const { parts, options } = installation
  const early = await Promise.all(parts.map((part) => installDefinitions(installation, part, signal)))
  const pruned = prune(installation, signal)
  const running = new Map<string, Promise<PresetOutcome>>()
  for (const [i, part] of parts.entries()) {
    const needs = part.preset.needs.flatMap((name) => running.get(name) ?? [])
    const installing = installAfter(installation, { part, needs, early: early[i] }, signal).then((outcome) => {
      options.hooks.done(outcome)
      return outcome
    })
    running.set(part.preset.name, installing)
  }
  const ended = Promise.all([Promise.all(running.values()), pruned]).then(([outcomes, removed]) => ({
    outcomes,
    removed,
  }))
  // When something else fails first, nobody may await it.
  ended.catch(() => {})
  return { ended, wrote: installation.stack.noted || early.some((written) => written !== 0) }
}

/** Deletes the objects of presets that are no longer wanted. */
async function prune({ options, stack }: Installation, signal: AbortSignal): Promise<number> {
  const { chosen, pruneData, platform, config } = options
  const wait = { kube: platform.kube, timeoutMs: patienceMs, signal, clock: options.clock }
  const deleted = await prunePresets(stack, { ...wait, pruneData })
  const named = chosen.some(({ generate }) => generate.includes('cluster-hosts'))
  if (named || config.cluster.provider === 'existing') return deleted
  return deleted + ((await setClusterNames({ ingress: null }, wait)) ?? 0)
}

interface Turn {
  readonly part: PresetPart
  /** The presets that it needs. */
  readonly needs: readonly Promise<PresetOutcome>[]
  /** What `installDefinitions` returned for it. */
  readonly early: PresetOutcome | number | undefined
}

/** Installs a preset when those that it needs are ready. */
async function installAfter(
  installation: Installation,
  { part, needs, early }: Turn,
  signal: AbortSignal,
): Promise<PresetOutcome> {
  const { preset } = part
  if (typeof early === 'object') return early
  const base = { name: preset.name, version: preset.version, get: null }
  const missing = (await Promise.all(needs)).find(({ state }) => state !== 'ready')
  if (missing !== undefined) {
    return { ...base, state: missing.state, reason: `needs ${missing.name}, which is ${missing.state}`, changes: 0 }
  }
  const result = await installRest(installation, part, signal)
  if ('state' in result) return result
  const changes = result.changes + (early ?? 0)
  return { ...base, version: result.version, state: 'ready', reason: null, changes }
}

function kubeletVersion(node: KubeObject): string {
  const { nodeInfo } = (node.status ?? {}) as { nodeInfo?: { kubeletVersion?: string } }
  return nodeInfo?.kubeletVersion ?? 'v0.0.0'
}
