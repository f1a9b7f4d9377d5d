import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext } from '../../context.ts'
import { renderingKubectl } from '../../host/tools.ts'
import type { Kube } from '../../kube/api.ts'
import { refuseToFetch } from '../../manifests/kustomize/kustomize.ts'
import type { Preset } from '../../presets/folder.ts'
import { type PresetManifests, readManifests } from '../../presets/manifests.ts'
import { renderSource } from '../../presets/sourced/render.ts'
import { requireAgreedPaths } from '../../project/outside-consent.ts'
import { unallowed } from '../../state/allowed.ts'
import { capabilitiesOf } from '../manifests.ts'

/** The presets of a project, and what they are rendered for. */
interface PresetPlace {
  readonly config: LoadedConfig
  readonly chosen: readonly Preset[]
  /** undefined before the cluster exists: charts then see the version that it will have. */
  readonly kube: Kube | undefined
}

/** Whether the configuration itself describes one of the presets, so that programs render it. Pure. */
export function hasSources(presets: readonly Preset[]): boolean {
  return presets.some(({ from }) => from !== undefined)
}

/**
 * Reads the manifests of presets, at the first call, once. Fetches nothing. The result rejects as `readManifests` and
 * `renderSource` do.
 */
export function presetReader(
  ctx: Pick<CliContext, 'runner' | 'paths' | 'env' | 'configFile'>,
  { config, chosen, kube }: PresetPlace,
  signal: AbortSignal,
): () => Promise<PresetManifests> {
  const { runner, paths, env } = ctx
  const { root } = config
  const tools = { runner, bin: paths.bin, path: env.PATH ?? '', signal }
  const plain = chosen.filter(({ from }) => from === undefined)
  const read = async () => {
    // A link may have appeared since the configuration was read.
    if (hasSources(chosen)) await requireAgreedPaths(ctx, config)
    const others = () => readManifests(plain)
    let known: ReturnType<typeof capabilitiesOf> | undefined
    const deps = {
      runner,
      charts: paths.charts,
      root,
      kubectl: () => renderingKubectl(tools),
      capabilities: () => {
        known ??= capabilitiesOf(config, kube, others, signal)
        return known
      },
      async agreeToFetch(addresses: readonly string[]) {
        const unknown = await unallowed(paths.allowed, root, addresses)
        if (unknown.length > 0) await refuseToFetch(unknown)
      },
    }
    return readManifests(chosen, (preset) => renderSource(preset, deps, signal))
  }
  let reading: Promise<PresetManifests> | undefined
  return () => {
    reading ??= read()
    return reading
  }
}
