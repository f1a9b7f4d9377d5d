import { join } from 'node:path'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import { renderManifests } from '../manifests/render.ts'
import type { RenderedObject } from '../manifests/rendered.ts'
import { scaled } from '../manifests/scale/scale.ts'

/**
 * The project's own manifests. They are rendered at the first call, once. Both functions throw what rendering throws.
 */
export interface Manifests {
  /** As the files describe them. */
  written(): Promise<readonly RenderedObject[]>
  /** With the host names and object names that the rules of `scale` give them. */
  fitted(): Promise<readonly RenderedObject[]>
}

/** The manifests of a configuration. Rendering uses the kubectl in devk's own folder, which must exist by then. */
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
