import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type LoadOptions, loadConfig } from '../../config/load.ts'
import { sourceName } from '../../config/preset-source.ts'
import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext, CommandFunction } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { type PresetEntry, scriptText, withPreset } from '../../presets/add.ts'
import { builtInNames } from '../../presets/folder.ts'
import { choosePresets } from '../../presets/resolve.ts'
import { consentOf } from '../../project/consent.ts'
import { allow } from '../../state/allowed.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { fetchFor } from '../fetch.ts'
import { entryOf, type PresetAddFlags } from './entry.ts'
import { findPreset } from './list.ts'

/** What is added: its name, and how the configuration names it. */
interface Addition {
  readonly name: string
  readonly entry: PresetEntry
}

/**
 * `devk preset add NAME`: adds a preset to the configuration file, and checks the result. With flags that describe the
 * preset it is also fetched, and its digest noted. If something fails, the file is restored. Throws USAGE for an
 * unknown preset, CONFIG_INVALID if the list cannot be changed or the result is invalid, and what fetching throws.
 */
export const runPresetAdd: CommandFunction<PresetAddFlags> = async (ctx, [word = ''], flags) => {
  const library = join(ctx.packageRoot, 'presets')
  const presets = await builtInNames(library)
  const load = (agree: LoadOptions['agree']) =>
    loadConfig({ cwd: ctx.cwd, file: ctx.configFile, env: ctx.env, signal: ctx.signal, presets, agree })
  const described = entryOf(word, flags, { cwd: ctx.cwd, root: ctx.cwd })
  const found = described === undefined ? await findPreset(ctx, word) : undefined
  const config = await load(consentOf(ctx))
  const shown = relative(ctx.cwd, config.file)
  const added =
    found === undefined
      ? { name: word, entry: entryOf(word, flags, { cwd: ctx.cwd, root: config.root }) ?? word }
      : { name: found.name, entry: found.builtIn ? found.name : `./${relative(config.root, found.folder)}` }
  const report = async (isAdded: boolean, lines: readonly string[]) => {
    if (ctx.json) await writeJson(ctx.stdout, { preset: added.name, file: config.file, added: isAdded })
    else await writeText(ctx.stderr, `${lines.join('\n')}\n`)
    return 0
  }
  const chosen = await choosePresets(config, library)
  if (chosen.some(({ name }) => name === added.name)) {
    return report(false, [`${shown} already contains the preset ${added.name}`])
  }
  const before = await readFile(config.file, 'utf8')
  const after = withPreset(config.file, before, added.entry)
  if (after === undefined) throw notLiteral(shown, added)
  await writeFile(config.file, after)
  try {
    // The user agreed to the rest, and devk itself has written the entry.
    const changed = await load((code) => allow(ctx.paths.allowed, code))
    const now = await choosePresets(changed, library)
    if (!now.some(({ name }) => name === added.name)) throw notLiteral(shown, added)
    const fetched = await fetchOne(ctx, changed, added.name)
    return await report(true, [...fetched, `✔ Added ${added.name} to ${shown}. Run devk up to install it`])
  } catch (error) {
    await writeFile(config.file, before)
    throw error
  }
}

/** Fetches what a preset of the configuration takes from elsewhere: who adds it wants that. Returns lines about it. */
async function fetchOne(ctx: CliContext, config: LoadedConfig, name: string): Promise<string[]> {
  const presets = config.presets.filter((entry) => typeof entry !== 'string' && sourceName(entry) === name)
  const deploy = { ...config.deploy, helm: [], kustomize: [] }
  return (await fetchFor(ctx, { ...config, deploy, presets }, false)).lines
}

function notLiteral(shown: string, { entry }: Addition): DevkError {
  return new DevkError('CONFIG_INVALID', `${shown} has no list of presets that devk can extend`, {
    hint: `Add it yourself: presets: [${scriptText(entry)}]`,
  })
}
