import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseData } from '../config/data.ts'
import { checkPreset } from '../config/preset-check.ts'
import type { PresetSpec } from '../config/preset-schema.ts'
import type { PresetSource } from '../config/schema-presets.ts'
import { DevkError } from '../errors.ts'
import { readIfThere } from '../state/files.ts'

/** A preset as its preset.yaml describes it, without its manifests. */
export interface Preset extends PresetSpec {
  /** Absolute path. */
  readonly folder: string
  /** false for a preset of the project, which the configuration names by path. */
  readonly builtIn: boolean
  /** For a preset that the configuration describes itself: where its objects come from. */
  readonly from?: PresetSource
}

/** Reads a preset of the project. Throws CONFIG_INVALID with all problems and their positions. */
export async function readPreset(folder: string): Promise<Preset> {
  return { ...(await readSpec(folder)), folder, builtIn: false }
}

/**
 * Reads built-in presets by name, with the digests of the lock file. `library` is the folder of the built-in presets.
 * Throws CONFIG_INVALID with all problems of a preset.
 */
export async function readBuiltIn(library: string, names: readonly string[]): Promise<Preset[]> {
  const lock = await readLock(library)
  return Promise.all(
    names.map(async (name) => {
      const folder = join(library, name)
      const spec = await readSpec(folder)
      const images = spec.images.map((each) => ({ ...each, digest: lock[each.image] ?? each.digest }))
      return { ...spec, images, folder, builtIn: true }
    }),
  )
}

async function readSpec(folder: string): Promise<PresetSpec> {
  const file = join(folder, 'preset.yaml')
  const shown = join(basename(folder), 'preset.yaml')
  const text = await readIfThere(file)
  if (text === undefined) {
    throw new DevkError('CONFIG_INVALID', `${folder} is not a preset: it contains no preset.yaml`, {
      hint: 'Create preset.yaml; presets/README.md describes the format.',
    })
  }
  return checkPreset(parseData(text, file, shown), text, shown)
}

/** Reads `lock.yaml` of the built-in presets: the digest of each published image, by its reference; null if unknown. */
export async function readLock(library: string): Promise<Readonly<Record<string, string | null>>> {
  const file = join(library, 'lock.yaml')
  return parseData((await readIfThere(file)) ?? '{}', file, 'presets/lock.yaml') as Record<string, string | null>
}

/** The names of the built-in presets, sorted: the folders in `library` that contain a preset.yaml. */
export async function builtInNames(library: string): Promise<string[]> {
  const entries = await readdir(library, { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const files = await Promise.all(folders.map((name) => readIfThere(join(library, name, 'preset.yaml'))))
  return folders.filter((_, i) => files[i] !== undefined).sort()
}
