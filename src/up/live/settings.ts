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

/** What a running devk stands on: the cluster, what is installed in it, and the ports that it listens on. */
const lasting = ['name', 'cluster', 'presets', 'profile', 'timeout'] as const

/** The settings of a loop that began with `config`. */
export function liveSettings(config: LoadedConfig, read: () => Promise<LoadedConfig>): LiveSettings {
  let current = config
  return {
    current: () => current,
    async reread() {
      const next = await read()
      const kept = lasting.filter((key) => !isDeepStrictEqual(next[key], config[key]))
      const unforwarded = forwardsChanged(config, next)
      current = { ...next, ...Object.fromEntries(lasting.map((key) => [key, config[key]])) }
      return [...kept, ...unforwarded]
    },
  }
}

/** The keys of the forwards that differ from those that listen. */
function forwardsChanged(before: LoadedConfig, after: LoadedConfig): string[] {
  const portsOf = ({ services, externals }: LoadedConfig) =>
    new Map<string, unknown>([
      ...Object.entries(services).map(([name, { ports }]) => [`services.${name}.ports`, ports] as const),
      ...Object.entries(externals).map(([name, { forward }]) => [`externals.${name}.forward`, forward] as const),
    ])
  const [old, now] = [portsOf(before), portsOf(after)]
  const isNothing = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0)
  return [...new Set([...old.keys(), ...now.keys()])].filter((key) => {
    const [was, is] = [old.get(key), now.get(key)]
    return !(isNothing(was) && isNothing(is)) && !isDeepStrictEqual(was, is)
  })
}
