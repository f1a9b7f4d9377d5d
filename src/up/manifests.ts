import { join } from 'node:path'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import { renderManifests } from '../manifests/render.ts'
import type { RenderedObject } from '../manifests/rendered.ts'
import { scaled } from '../manifests/scale/scale.ts'

/** The project's own manifests, rendered when first asked for and then kept. Both throw what rendering throws. */
export interface Manifests {
  /** As they are written. */
  written(): Promise<readonly RenderedObject[]>
  /** With the hosts and names that the rules of `scale` give them. */
  fitted(): Promise<readonly RenderedObject[]>
}

/** The manifests of this configuration, by the kubectl in devk's folder, which must be there when they are asked for. */
export function manifestsOf(
  { runner, paths }: Pick<CliContext, 'runner' | 'paths'>,
  config: LoadedConfig,
  signal: AbortSignal,
): Manifests {
  const kubectl = join(paths.bin, 'kubectl')
  let rendering: Promise<readonly RenderedObject[]> | undefined
  const written = () => {
    rendering ??= renderManifests(config, { runner, kubectl }, signal)
    return rendering
  }
  const place = { externals: new Map(), storage: undefined }
  return { written, fitted: async () => scaled(await written(), config.scale, place).objects }
}
