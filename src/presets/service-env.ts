import type { LoadedConfig } from '../config/schema.ts'
import { DevkError } from '../errors.ts'
import type { Preset } from './folder.ts'

/** The value by which OpenTelemetry sends nothing of a kind. */
const nowhere = 'none'

/**
 * Adds to each service the environment variables of the presets in its `presetEnv`. Of several values of a variable the
 * last one counts, and `none` only if there is no other: a preset that takes no metrics does not keep them from one
 * that does. The `env` of the service overrides all. Pure. Throws CONFIG_INVALID, with the path of each entry, if a
 * preset is not installed or provides no variables.
 */
export function withPresetEnv(config: LoadedConfig, presets: readonly Preset[]): LoadedConfig {
  const variables = new Map(presets.map(({ name, serviceEnv }) => [name, serviceEnv]))
  const problems: string[] = []
  const services = Object.entries(config.services).map(([name, service]) => {
    const added = service.presetEnv.map((preset, i) => {
      const provided = variables.get(preset)
      const place = `services.${name}.presetEnv[${i}]`
      if (provided === undefined) problems.push(`${place}: the preset "${preset}" is not installed`)
      else if (Object.keys(provided).length === 0)
        problems.push(`${place}: the preset "${preset}" provides no variables`)
      return Object.entries(provided ?? {}).map(([key, value]) => [key, value.replaceAll('{service}', name)] as const)
    })
    const all = added.flat()
    const env = Object.fromEntries([
      ...all.filter(([, value]) => value === nowhere),
      ...all.filter(([, value]) => value !== nowhere),
    ])
    return [name, { ...service, env: { ...env, ...service.env } }] as const
  })
  const installed = [...variables.keys()].join(', ') || 'none'
  if (problems.length === 0) return { ...config, services: Object.fromEntries(services) }
  throw new DevkError('CONFIG_INVALID', 'A service uses variables of a preset that does not provide them', {
    details: [...problems, 'Nothing was changed.'],
    hint: `Add the preset to presets, or remove it from presetEnv. Installed presets: ${installed}.`,
  })
}
