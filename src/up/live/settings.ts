import { isDeepStrictEqual } from 'node:util'
import type { LoadedConfig } from '../../config/schema.ts'

/** The configuration while the loop runs. */
export interface LiveSettings {
  /** What the next change applies. */
  current(): LoadedConfig
  /**
   * Reads the configuration again. Returns the changed keys that take effect only when devk starts again. Throws what
   * reading throws; the settings then stay as they are.
   */
  reread(): Promise<readonly string[]>
}

/** What a running devk is based on: the cluster, and what is installed in it. */
const lasting = ['name', 'cluster', 'presets', 'profile', 'timeout'] as const

/** The settings of a loop that began with `config`. */
export function liveSettings(config: LoadedConfig, read: () => Promise<LoadedConfig>): LiveSettings {
  let current = config
  return {
    current: () => current,
    async reread() {
      const next = await read()
      const kept = lasting.filter((key) => !isDeepStrictEqual(next[key], config[key]))
      current = { ...next, ...Object.fromEntries(lasting.map((key) => [key, config[key]])) }
      return kept
    },
  }
}
