import { jsonSchema } from '../config/json-schema.ts'
import { loadConfig } from '../config/load.ts'
import type { CommandFunction, NoFlags } from '../context.ts'
import { consentOf } from '../project/consent.ts'
import { writeJson } from '../terminal/output.ts'

/** Flags of `devk config show`. */
export interface ConfigFlags {
  readonly profile?: string
}

/**
 * `devk config show`: prints the resolved configuration as JSON. It contains the names of secrets and files, never
 * their values. Throws CONFIG_NOT_FOUND, CONFIG_INVALID, CONFIG_UNTRUSTED.
 */
export const runConfigShow: CommandFunction<ConfigFlags> = async (ctx, _args, flags) => {
  const config = await loadConfig({
    cwd: ctx.cwd,
    file: ctx.configFile,
    profile: flags.profile,
    env: ctx.env,
    signal: ctx.signal,
    agree: consentOf(ctx),
  })
  await writeJson(ctx.stdout, config)
  return 0
}

/** `devk config schema`: prints the JSON Schema of the configuration. */
export const runConfigSchema: CommandFunction<NoFlags> = async (ctx) => {
  await writeJson(ctx.stdout, jsonSchema())
  return 0
}
