import { basename, isAbsolute } from 'node:path'
import type { PresetProfile } from '../config/preset-schema.ts'
import { sourceName } from '../config/preset-source.ts'
import type { PresetSource } from '../config/schema-presets.ts'
import { DevkError } from '../errors.ts'
import { nearest } from '../lib/text.ts'
import { readLock } from '../manifests/charts/lock.ts'
import { builtInNames, type Preset, readBuiltIn, readPreset } from './folder.ts'
import { sourcedPreset } from './sourced/spec.ts'

/** The part of a configuration that selects presets. */
export interface PresetChoice {
  /** Names of built-in presets, absolute paths of presets of the project, and what the configuration describes. */
  readonly presets: readonly (string | PresetSource)[]
  /** The folder of the configuration, with its lock. */
  readonly root: string
  readonly profile?: PresetProfile | undefined
}

/**
 * Reads the presets to install, each after the presets that it needs. `library` is the folder of the built-in presets.
 * Throws CONFIG_INVALID for an unknown name (with the most similar one), a cycle, a duplicate name, or an invalid
 * preset.yaml; MANIFEST_INVALID for a lock that cannot be read. Fetches nothing.
 */
export async function choosePresets(choice: PresetChoice, library: string): Promise<Preset[]> {
  if (choice.presets.length === 0 && choice.profile === undefined) return []
  const names = await builtInNames(library)
  const entries = choice.presets
  const folders = entries.filter((entry) => typeof entry === 'string' && isAbsolute(entry)) as string[]
  const sources = entries.filter((entry) => typeof entry !== 'string')
  const lock = sources.length === 0 ? undefined : await readLock(choice.root)
  const [builtIn, inFolders, described] = await Promise.all([
    readBuiltIn(library, names),
    Promise.all(folders.map(readPreset)),
    Promise.all(sources.map((entry) => sourcedPreset(entry, lock, choice.root))),
  ])
  const all = new Map(builtIn.map((preset) => [preset.name, preset]))
  for (const preset of [...inFolders, ...described]) {
    if (all.has(preset.name)) {
      const message = `The preset in ${preset.folder} has the name "${preset.name}", which another preset has too`
      throw invalid(message, 'Rename the preset.')
    }
    all.set(preset.name, preset)
  }
  const listed = entries.map((entry) =>
    typeof entry === 'string' ? (inFolders[folders.indexOf(entry)]?.name ?? entry) : sourceName(entry),
  )
  const { profile } = choice
  const ofProfile = profile === undefined ? [] : builtIn.filter(({ profiles }) => profiles.includes(profile))
  return inOrder([...listed, ...ofProfile.map(({ name }) => name)], all)
}

/**
 * Adds the presets that others need, and sorts each preset after those that it needs. Pure. Throws CONFIG_INVALID for
 * an unknown name or a cycle.
 */
export function inOrder(wanted: readonly string[], all: ReadonlyMap<string, Preset>): Preset[] {
  const done = new Map<string, Preset>()
  const visit = (name: string, path: readonly string[]): void => {
    const start = path.indexOf(name)
    if (start >= 0) {
      const cycle = [...path.slice(start), name].join(' → ')
      throw invalid(`The presets ${cycle} need each other`, 'Remove one of these from `needs`.')
    }
    if (done.has(name)) return
    const preset = all.get(name)
    if (preset === undefined) throw unknown(name, path.at(-1), all)
    for (const need of preset.needs) visit(need, [...path, name])
    done.set(name, preset)
  }
  for (const name of wanted) visit(name, [])
  return [...done.values()]
}

function unknown(name: string, from: string | undefined, all: ReadonlyMap<string, Preset>): DevkError {
  const near = nearest(name, all.keys())
  const by = from === undefined ? '' : `, which ${basename(all.get(from)?.folder ?? from)} needs`
  const hint = near === undefined ? `Available presets: ${[...all.keys()].join(', ')}.` : `Did you mean "${near}"?`
  return invalid(`There is no preset "${name}"${by}`, hint)
}

function invalid(message: string, hint: string): DevkError {
  return new DevkError('CONFIG_INVALID', message, { hint, details: ['Nothing was changed.'] })
}
