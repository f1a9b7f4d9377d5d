import type { LoadedConfig } from '../config/schema.ts'
import { DevkError } from '../errors.ts'
import type { Preset } from './folder.ts'

/**
 * The configuration with the variables that its services ask presets for by `presetEnv`; a service's own `env` comes before them. Pure.
 * Throws CONFIG_INVALID, with each place, when a preset is asked that is not installed or offers no variables.
 */
export function withPresetEnv(config: LoadedConfig, presets: readonly Preset[]): LoadedConfig {
  const offers = new Map(presets.map(({ name, serviceEnv }) => [name, serviceEnv]))
  const problems: string[] = []
  const services = Object.entries(config.services).map(([name, service]) => {
    const asked = service.presetEnv.map((preset, i) => {
      const offered = offers.get(preset)
      const place = `services.${name}.presetEnv[${i}]`
      if (offered === undefined) problems.push(`${place}: the preset "${preset}" is not installed`)
      else if (Object.keys(offered).length === 0) problems.push(`${place}: the preset "${preset}" offers no variables`)
      return Object.entries(offered ?? {}).map(([key, value]) => [key, value.replaceAll('{service}', name)] as const)
    })
    return [name, { ...service, env: { ...Object.fromEntries(asked.flat()), ...service.env } }] as const
  })
  if (problems.length === 0) return { ...config, services: Object.fromEntries(services) }
  throw new DevkError('CONFIG_INVALID', 'A service asks for variables that no preset brings', {
    details: [...problems, 'Nothing was changed.'],
    hint: `Add the preset to presets, or take it out of presetEnv. Installed: ${[...offers.keys()].join(', ') || 'none'}.`,
  })
}
