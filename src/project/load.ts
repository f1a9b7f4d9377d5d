import { join } from 'node:path'
import { type LoadOptions, loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import { requireNoCopiedSecrets } from '../images/build/copied-secrets.ts'
import { builtInNames, type Preset } from '../presets/folder.ts'
import { choosePresets } from '../presets/resolve.ts'
import { withPresetEnv } from '../presets/service-env.ts'
import { consentOf } from './consent.ts'
import { agreementOf } from './outside-consent.ts'

/** A configuration that is read and checked. */
export interface LoadedProject {
  /** The configuration, with the environment variables that presets provide to its services. */
  readonly config: LoadedConfig
  /** The presets that the project uses, each after the presets that it needs. */
  readonly chosen: readonly Preset[]
}

/** Flags of the command, and what `loadConfig` calls meanwhile. */
interface LoadProjectOptions extends Pick<LoadOptions, 'profile' | 'overlay' | 'onImport'> {
  /** Whether the user can be asked for consent; default: true. */
  readonly mayAsk?: boolean
}

/**
 * Reads and checks the configuration and its presets. Throws CONFIG_NOT_FOUND, CONFIG_INVALID, CONFIG_UNTRUSTED,
 * PATH_OUTSIDE, or USAGE for an overlay that does not exist.
 */
export async function loadProject(
  ctx: CliContext,
  { profile, overlay, onImport, mayAsk }: LoadProjectOptions,
): Promise<LoadedProject> {
  const { cwd, configFile: file, env, signal } = ctx
  const presets = await builtInNames(libraryOf(ctx))
  const asked = { agree: consentOf(ctx, mayAsk), agreeToPaths: agreementOf(ctx, mayAsk) }
  return projectOf(ctx, await loadConfig({ cwd, file, profile, overlay, env, presets, onImport, signal, ...asked }))
}

/**
 * The project of a configuration. Throws CONFIG_INVALID for a preset that does not exist or is invalid, and
 * SECRET_COPIED.
 */
export async function projectOf(ctx: CliContext, config: LoadedConfig): Promise<LoadedProject> {
  const units = [...Object.values(config.services), ...Object.values(config.externals)]
  await requireNoCopiedSecrets(
    config,
    units.flatMap(({ build }) => build ?? []),
  )
  const library = libraryOf(ctx)
  const chosen = await choosePresets(config, library)
  return { config: withPresetEnv(config, chosen), chosen }
}

/** The project after something was fetched: the lock then names the versions of its presets. Throws as `projectOf`. */
export async function withFetched(ctx: CliContext, project: LoadedProject): Promise<LoadedProject> {
  return { ...project, chosen: await choosePresets(project.config, libraryOf(ctx)) }
}

/** The folder of the built-in presets. */
export function libraryOf({ packageRoot }: Pick<CliContext, 'packageRoot'>): string {
  return join(packageRoot, 'presets')
}
