import { jsonSchema } from '../config/json-schema.ts'
import { loadConfig } from '../config/load.ts'
import type { CommandFunction, NoFlags } from '../context.ts'
import { writeJson } from '../terminal/output.ts'

export interface ConfigFlags {
  readonly profile?: string
}

/** `devk config`: the resolved configuration, as JSON. It holds names of secrets and files, never their values. */
export const runConfigShow: CommandFunction<ConfigFlags> = async (ctx, _args, flags) => {
  const config = await loadConfig({
    cwd: ctx.cwd,
    file: ctx.configFile,
    profile: flags.profile,
    env: ctx.env,
  })
  await writeJson(ctx.stdout, config)
  return 0
}

/** `devk config schema`: the JSON Schema of the configuration. */
export const runConfigSchema: CommandFunction<NoFlags> = async (ctx) => {
  await writeJson(ctx.stdout, jsonSchema())
  return 0
}
