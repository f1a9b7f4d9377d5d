import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { plainManifests } from '../manifests/plain.ts'
import { type RenderedObject, rejectDuplicates } from '../manifests/rendered.ts'
import { requirePinned } from './fit.ts'
import type { Preset } from './folder.ts'

/**
 * Reads the manifests of a preset, including those in `manifests/with/NAME` for the presets in `installed` (by name).
 * Throws MANIFEST_INVALID for invalid YAML or a duplicate object.
 */
export async function presetManifests(preset: Preset, installed: Iterable<string>): Promise<RenderedObject[]> {
  const base = join(preset.folder, 'manifests')
  const folders = [base, ...[...installed].sort().map((name) => join(base, 'with', name))].filter((path) =>
    existsSync(path),
  )
  const objects = await plainManifests(folders, join(preset.folder, '..'))
  rejectDuplicates(objects)
  return objects
}

/** The objects in the manifests of presets, by the name of the preset. */
export type PresetManifests = ReadonlyMap<string, readonly RenderedObject[]>

/** Renders a preset that the configuration describes itself. */
export type RenderSource = (preset: Preset) => Promise<RenderedObject[]>

/**
 * Reads the manifests of all presets to install. Throws MANIFEST_INVALID as `presetManifests` does, CONFIG_INVALID if a
 * preset of the project uses an image that is not pinned, and what `render` throws.
 */
export async function readManifests(
  presets: readonly Preset[],
  render: RenderSource = rendersNone,
): Promise<PresetManifests> {
  const names = presets.map(({ name }) => name)
  const read = await Promise.all(
    presets.map((preset) => (preset.from === undefined ? presetManifests(preset, names) : render(preset))),
  )
  return new Map(
    presets.map((preset, i) => {
      const objects = read[i] ?? []
      // What others publish cannot be changed here.
      if (!preset.builtIn && preset.from === undefined) requirePinned(preset, objects)
      return [preset.name, objects]
    }),
  )
}

const rendersNone: RenderSource = async ({ name }) => {
  throw new Error(`nothing renders the preset ${name}`)
}
