import { join } from 'node:path'
import { loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import { builtInNames, type Preset } from '../presets/folder.ts'
import { choosePresets } from '../presets/resolve.ts'
import { withPresetEnv } from '../presets/service-env.ts'

export interface LoadedProject {
  /** With the variables that its services ask presets for. */
  readonly config: LoadedConfig
  /** The presets it asks for, each after those it needs. */
  readonly chosen: readonly Preset[]
}

/** The configuration and its presets, both checked. Throws CONFIG_INVALID. */
export async function loadProject(
  ctx: CliContext,
  { profile, overlay }: { readonly profile: string | undefined; readonly overlay: string | undefined },
): Promise<LoadedProject> {
  const { cwd, configFile: file, env } = ctx
  const library = join(ctx.packageRoot, 'presets')
  const written = await loadConfig({ cwd, file, profile, overlay, env, presets: await builtInNames(library) })
  const chosen = await choosePresets(written, library)
  return { config: withPresetEnv(written, chosen), chosen }
}
