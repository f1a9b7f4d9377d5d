import { isDeepStrictEqual } from 'node:util'
import type { LoadedConfig } from '../../config/schema.ts'

/** The configuration while the loop runs. */
export interface LiveSettings {
  /** What the next change applies. */
  current(): LoadedConfig
  /** The files that the configuration imports. After a reading that failed, also those that it imported. */
  imports(): readonly string[]
  /**
   * Reads the configuration again. Returns the changed keys that take effect only when devk starts again. Throws what
   * reading throws; the settings then stay as they are.
   */
  reread(): Promise<readonly string[]>
}

/**
 * What a running devk is based on, and only starts with: the cluster, what is installed in it, and the programs that it
 * has started.
 */
export const lasting = ['name', 'cluster', 'presets', 'profile', 'timeout', 'locals'] as const

/** The first reading of a configuration, and how to read it again. */
export interface LiveSettingsOptions {
  readonly config: LoadedConfig
  readonly imports: readonly string[]
  /** Calls `onImport` with each file that the configuration imports. */
  read(onImport: (file: string) => void): Promise<LoadedConfig>
}

/** The settings of a loop that began with `config`. */
export function liveSettings({ config, imports: first, read }: LiveSettingsOptions): LiveSettings {
  let current = config
  let imports: ReadonlySet<string> = new Set(first)
  return {
    current: () => current,
    imports: () => [...imports],
    async reread() {
      const found = new Set<string>()
      const next = await read((file) => found.add(file)).catch((error: unknown) => {
        imports = new Set([...imports, ...found])
        throw error
      })
      imports = found
      const kept = lasting.filter((key) => !isDeepStrictEqual(next[key], config[key]))
      current = { ...next, ...Object.fromEntries(lasting.map((key) => [key, config[key]])) }
      return kept
    },
  }
}
