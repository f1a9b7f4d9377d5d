import { basename, isAbsolute } from 'node:path'
import type { PresetProfile } from '../config/preset-schema.ts'
import { DevkError } from '../errors.ts'
import { nearest } from '../lib/text.ts'
import { builtInNames, type Preset, readBuiltIn, readPreset } from './folder.ts'

/** What a configuration says about presets; paths in it are absolute. */
export interface PresetChoice {
  /** Names of shipped presets, and folders of the project's own. */
  readonly presets: readonly string[]
  readonly profile?: PresetProfile | undefined
}

/**
 * The presets to install, each after those it needs. `library` is the folder of the shipped ones.
 * Throws CONFIG_INVALID for an unknown name (with the nearest one), a cycle, a name that is used twice, or a bad preset.yaml.
 */
export async function choosePresets(choice: PresetChoice, library: string): Promise<Preset[]> {
  if (choice.presets.length === 0 && choice.profile === undefined) return []
  const names = await builtInNames(library)
  const folders = choice.presets.filter((entry) => isAbsolute(entry))
  const [shipped, own] = await Promise.all([readBuiltIn(library, names), Promise.all(folders.map(readPreset))])
  const all = new Map(shipped.map((preset) => [preset.name, preset]))
  for (const preset of own) {
    if (all.has(preset.name))
      throw invalid(`${preset.folder}: the name "${preset.name}" is taken`, 'Rename one of the two.')
    all.set(preset.name, preset)
  }
  const listed = choice.presets.map((entry) => own[folders.indexOf(entry)]?.name ?? entry)
  const { profile } = choice
  const ofProfile = profile === undefined ? [] : shipped.filter(({ profiles }) => profiles.includes(profile))
  return inOrder([...listed, ...ofProfile.map(({ name }) => name)], all)
}

/** The wanted presets and what they need, each after its needs. Pure. Throws CONFIG_INVALID. */
export function inOrder(wanted: readonly string[], all: ReadonlyMap<string, Preset>): Preset[] {
  const done = new Map<string, Preset>()
  const visit = (name: string, way: readonly string[]): void => {
    const start = way.indexOf(name)
    if (start >= 0) {
      const circle = [...way.slice(start), name].join(' → ')
      throw invalid(`The presets ${circle} need each other`, 'Take one of these out of `needs`.')
    }
    if (done.has(name)) return
    const preset = all.get(name)
    if (preset === undefined) throw unknown(name, way.at(-1), all)
    for (const need of preset.needs) visit(need, [...way, name])
    done.set(name, preset)
  }
  for (const name of wanted) visit(name, [])
  return [...done.values()]
}

function unknown(name: string, from: string | undefined, all: ReadonlyMap<string, Preset>): DevkError {
  const near = nearest(name, all.keys())
  const by = from === undefined ? '' : `, which ${basename(all.get(from)?.folder ?? from)} needs`
  const hint = near === undefined ? `There are: ${[...all.keys()].join(', ')}.` : `Did you mean "${near}"?`
  return invalid(`There is no preset "${name}"${by}`, hint)
}

function invalid(message: string, hint: string): DevkError {
  return new DevkError('CONFIG_INVALID', message, { hint, details: ['Nothing was changed.'] })
}
