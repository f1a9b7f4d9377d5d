import type { RenderedObject } from '../manifests/rendered.ts'
import { projectNamespace } from '../manifests/transform.ts'
import { generate } from '../presets/generate.ts'
import type { PresetOptions } from './preset-install.ts'

/**
 * The objects that presets make from the configuration and the project's own manifests, by preset; the manifests are rendered only when
 * a preset asks for it. What cannot be followed is told. Throws what rendering throws.
 */
export async function generatedObjects(
  { config, chosen, project, hooks }: Pick<PresetOptions, 'config' | 'chosen' | 'project' | 'hooks'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly RenderedObject[]>> {
  if (chosen.every((preset) => preset.generate.length === 0)) return new Map()
  const rendered = (await project(signal)).map(({ object }) => object)
  const namespace = projectNamespace(config, rendered)
  const input = {
    project: config.name,
    services: Object.keys(config.services),
    presets: new Set(chosen.map(({ name }) => name)),
    objects: rendered.map((object) => ({ ...object, metadata: { namespace, ...object.metadata } })),
  }
  return new Map(
    chosen.map((preset) => {
      const { objects, warnings } = generate(preset, input)
      for (const warning of warnings) hooks.say(preset.name, warning)
      return [preset.name, objects]
    }),
  )
}
