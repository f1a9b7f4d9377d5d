import type { ConfigInput } from './config/schema.ts'

export type { ConfigInput } from './config/schema.ts'

/** Gives a configuration its types in an editor; it returns what it is given. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config
}
