import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseData } from '../config/data.ts'
import { checkPreset } from '../config/preset-check.ts'
import type { PresetSpec } from '../config/preset-schema.ts'
import { DevkError } from '../errors.ts'
import { readIfThere } from '../state/files.ts'

/** A preset as its folder describes it; its manifests are not read yet. */
export interface Preset extends PresetSpec {
  /** Absolute. */
  readonly folder: string
  /** False for one that a configuration names by path. */
  readonly builtIn: boolean
}

/** Reads a preset of the user's own. Throws CONFIG_INVALID with every problem, each with its place. */
export async function readPreset(folder: string): Promise<Preset> {
  return { ...(await readSpec(folder)), folder, builtIn: false }
}

/** Reads presets that come with devk, with the digests of the lock file beside them. Throws as `readPreset` does. */
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
    throw new DevkError('CONFIG_INVALID', `${folder} is no preset: it has no preset.yaml`, {
      hint: 'presets/README.md tells what a preset is made of.',
    })
  }
  return checkPreset(parseData(text, file, shown), text, shown)
}

/** `lock.yaml` of the presets that come with devk: the digest of each published image, by its reference; null where none is known. */
export async function readLock(library: string): Promise<Readonly<Record<string, string | null>>> {
  const file = join(library, 'lock.yaml')
  return parseData((await readIfThere(file)) ?? '{}', file, 'presets/lock.yaml') as Record<string, string | null>
}

/** Names of the presets that come with devk: the folders that hold a preset.yaml. */
export async function builtInNames(library: string): Promise<string[]> {
  const entries = await readdir(library, { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const files = await Promise.all(folders.map((name) => readIfThere(join(library, name, 'preset.yaml'))))
  return folders.filter((_, i) => files[i] !== undefined).sort()
}
