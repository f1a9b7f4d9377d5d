import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type LoadOptions, loadConfig } from '../../config/load.ts'
import { sourceMap } from '../../config/positions.ts'
import type { CommandFunction, NoFlags } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { withPreset } from '../../presets/add.ts'
import { builtInNames } from '../../presets/folder.ts'
import { choosePresets } from '../../presets/resolve.ts'
import { consentOf } from '../../project/consent.ts'
import { allow } from '../../state/allowed.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { findPreset } from './list.ts'

/**
 * `devk preset add NAME`: adds a preset to the configuration file, and checks the result. If the check fails, the file
 * is restored. Throws USAGE for an unknown preset, CONFIG_INVALID if the list cannot be changed or the result is
 * invalid.
 */
export const runPresetAdd: CommandFunction<NoFlags> = async (ctx, [word = '']) => {
  const preset = await findPreset(ctx, word)
  const library = join(ctx.packageRoot, 'presets')
  const presets = await builtInNames(library)
  const load = (agree: LoadOptions['agree']) =>
    loadConfig({ cwd: ctx.cwd, file: ctx.configFile, env: ctx.env, presets, agree })
  const config = await load(consentOf(ctx))
  const shown = relative(ctx.cwd, config.file)
  const report = async (added: boolean, text: string) => {
    if (ctx.json) await writeJson(ctx.stdout, { preset: preset.name, file: config.file, added })
    else await writeText(ctx.stderr, `${text}\n`)
    return 0
  }
  const chosen = await choosePresets(config, library)
  if (chosen.some(({ name }) => name === preset.name))
    return report(false, `${shown} already contains the preset ${preset.name}`)
  const entry = preset.builtIn ? preset.name : `./${relative(config.root, preset.folder)}`
  const before = await readFile(config.file, 'utf8')
  const after = withPreset(before, sourceMap(config.file, before).find(['presets']), entry)
  if (after === undefined) {
    throw new DevkError('CONFIG_INVALID', `${shown} has no list of presets that devk can extend`, {
      hint: `Add it yourself: presets: ['${entry}']`,
    })
  }
  await writeFile(config.file, after)
  try {
    // The user agreed to the rest, and devk itself has written the name of the preset.
    await choosePresets(await load((code) => allow(ctx.paths.allowed, code)), library)
  } catch (error) {
    await writeFile(config.file, before)
    throw error
  }
  return report(true, `✔ Added ${entry} to ${shown}. Run devk up to install it`)
}
