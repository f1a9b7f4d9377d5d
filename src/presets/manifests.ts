import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { plainManifests } from '../manifests/plain.ts'
import { type RenderedObject, rejectDuplicates } from '../manifests/rendered.ts'
import { requirePinned } from './fit.ts'
import type { Preset } from './folder.ts'

/**
 * The objects of a preset as its manifests write them, with those meant for the company of other presets (`beside`, by name).
 * Throws MANIFEST_INVALID for bad YAML or an object that is there twice.
 */
export async function presetManifests(preset: Preset, beside: Iterable<string>): Promise<RenderedObject[]> {
  const base = join(preset.folder, 'manifests')
  const folders = [base, ...[...beside].sort().map((name) => join(base, 'with', name))].filter((path) =>
    existsSync(path),
  )
  const objects = await plainManifests(folders, join(preset.folder, '..'))
  rejectDuplicates(objects)
  return objects
}

/** Objects as the manifests of presets write them, by preset. */
export type PresetManifests = ReadonlyMap<string, readonly RenderedObject[]>

/** The manifests of presets as they are written. Throws CONFIG_INVALID for an image of the project's own that is not pinned. */
export async function readManifests(presets: readonly Preset[]): Promise<PresetManifests> {
  const names = presets.map(({ name }) => name)
  const read = await Promise.all(presets.map((preset) => presetManifests(preset, names)))
  return new Map(
    presets.map((preset, i) => {
      const objects = read[i] ?? []
      if (!preset.builtIn) requirePinned(preset, objects)
      return [preset.name, objects]
    }),
  )
}
