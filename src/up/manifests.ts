import { join } from 'node:path'
import { plannedVersion } from '../cluster/node-image.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import type { Capabilities, Kube } from '../kube/api.ts'
import { builtInVersions } from '../manifests/helm/built-in.ts'
import { definedVersions } from '../manifests/helm/capabilities.ts'
import { refuseToFetch } from '../manifests/kustomize/kustomize.ts'
import { renderManifests } from '../manifests/render.ts'
import type { RenderedObject } from '../manifests/rendered.ts'
import { scaled } from '../manifests/scale/scale.ts'
import type { PresetManifests } from '../presets/manifests.ts'
import { requireAgreedPaths } from '../project/outside-consent.ts'
import { unallowed } from '../state/allowed.ts'

/**
 * The project's own manifests. They are rendered at the first call, once. Both functions throw what rendering throws.
 */
export interface Manifests {
  /** As the files describe them. */
  written(): Promise<readonly RenderedObject[]>
  /** With the host names and object names that the rules of `scale` give them. */
  fitted(): Promise<readonly RenderedObject[]>
}

/** What the charts among the manifests are rendered for. */
export interface ChartPlace {
  /** undefined before the cluster exists: charts then see the version that it will have. */
  readonly kube: Kube | undefined
  /** The manifests of the presets, whose definitions are in the cluster once they are installed. */
  readonly presets: () => Promise<PresetManifests>
  /** Path of kubectl; absent: the one in devk's own folder, which must exist by then. */
  readonly kubectl?: string
  /** Fetches charts that the configuration names since it changed; absent: they are missing. */
  readonly fetch?: (config: LoadedConfig, signal: AbortSignal) => Promise<unknown>
}

/** What charts may ask: what the cluster serves, or will serve, and what presets define. Throws KUBE_API. */
export async function capabilitiesOf(
  { cluster }: Pick<LoadedConfig, 'cluster'>,
  kube: Kube | undefined,
  presets: () => Promise<PresetManifests>,
  signal: AbortSignal,
): Promise<Capabilities> {
  const [known, added] = await Promise.all([
    kube?.capabilities(signal) ?? { kubeVersion: plannedVersion(cluster), apiVersions: builtInVersions },
    presets(),
  ])
  const defined = definedVersions([...added.values()].flat().map(({ object }) => object))
  return { ...known, apiVersions: [...new Set([...known.apiVersions, ...defined])] }
}

/** The manifests of a configuration. */
export function manifestsOf(
  ctx: Pick<CliContext, 'runner' | 'paths' | 'env' | 'configFile'>,
  config: LoadedConfig,
  { kube, presets, kubectl = join(ctx.paths.bin, 'kubectl'), fetch = async () => {} }: ChartPlace,
  signal: AbortSignal,
): Manifests {
  const { runner } = ctx
  const { charts, allowed } = ctx.paths
  const agreeToFetch = async (addresses: readonly string[]) => {
    const unknown = await unallowed(allowed, config.root, addresses)
    if (unknown.length > 0) await refuseToFetch(unknown)
  }
  let rendering: Promise<readonly RenderedObject[]> | undefined
  const capabilities = () => capabilitiesOf(config, kube, presets, signal)
  const written = () => {
    rendering ??= render()
    return rendering
  }
  const render = async () => {
    await requireAgreedPaths(ctx, config)
    await fetch(config, signal)
    return renderManifests(config, { runner, kubectl, charts, capabilities, agreeToFetch }, signal)
  }
  const place = { externals: new Map(), storage: undefined }
  return { written, fitted: async () => scaled(await written(), config.scale, place).objects }
}
