import { join } from 'node:path'
import { type LoadOptions, loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import { builtInNames, type Preset } from '../presets/folder.ts'
import { choosePresets } from '../presets/resolve.ts'
import { withPresetEnv } from '../presets/service-env.ts'

/** A configuration that is read and checked. */
export interface LoadedProject {
  /** The configuration, with the environment variables that presets provide to its services. */
  readonly config: LoadedConfig
  /** The presets that the project uses, each after the presets that it needs. */
  readonly chosen: readonly Preset[]
}

/**
 * Reads and checks the configuration and its presets. `profile` and `overlay` are the flags of the command, `onImport`
 * is that of `loadConfig`. Throws
 * CONFIG_NOT_FOUND, CONFIG_INVALID, or USAGE for an overlay that does not exist.
 */
export async function loadProject(
  ctx: CliContext,
  { profile, overlay, onImport }: Pick<LoadOptions, 'profile' | 'overlay' | 'onImport'>,
): Promise<LoadedProject> {
  const { cwd, configFile: file, env } = ctx
  const library = join(ctx.packageRoot, 'presets')
  const presets = await builtInNames(library)
  const config = await loadConfig({ cwd, file, profile, overlay, env, presets, onImport })
  const chosen = await choosePresets(config, library)
  return { config: withPresetEnv(config, chosen), chosen }
}
