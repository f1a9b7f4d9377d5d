import { realpath } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { codeOf, scripts } from '../config/code.ts'
import { findConfigFile } from '../config/find.ts'
import { loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext, CommandFunction, NoFlags } from '../context.ts'
import { DevkError } from '../errors.ts'
import { codeText, requireOwnCode, runNothing } from '../project/consent.ts'
import { agreeToCommands } from '../project/local-consent.ts'
import { allow, allowPaths, forget } from '../state/allowed.ts'
import { writeJson, writeText } from '../terminal/output.ts'

/**
 * `devk allow`: allows devk to run the configuration of this folder as it is now, or the commands in it. With
 * paths it allows the project to use these, which lie outside of its repository. Runs nothing. Throws CONFIG_NOT_FOUND,
 * USAGE for a path that does not exist, and CONFIG_UNTRUSTED if root would run what another user can change.
 */
export const runAllow: CommandFunction<NoFlags> = async (ctx, names) => {
  const file = await configOf(ctx)
  if (names.length > 0) return allowOutside(ctx, file, names)
  const code = await codeOf(file)
  const isCode = scripts.has(extname(file))
  if (isCode) {
    await requireOwnCode(ctx, code)
    await allow(ctx.paths.allowed, code)
  }
  const files = isCode ? [...code.files.keys()] : []
  const commands = isCode ? [] : await agreeToCommands(ctx, await dataOf(ctx, file))
  if (ctx.json) await writeJson(ctx.stdout, { file, files, commands, paths: [] })
  else {
    const ofData = commands.length === 0 ? `${file} is data: it needs no consent` : commandsText(commands)
    const text = isCode ? `✔ devk may run, as they are now:\n${codeText(ctx.cwd, code)}` : ofData
    await writeText(ctx.stderr, `${text}\n`)
  }
  return 0
}

/**
 * `devk deny`: takes back what `devk allow` and the questions of other commands allowed for this configuration: to run
 * it, to use paths outside of its repository, and to fetch. Throws CONFIG_NOT_FOUND.
 */
export const runDeny: CommandFunction<NoFlags> = async (ctx) => {
  const file = await configOf(ctx)
  const versions = await forget(ctx.paths.allowed, file)
  const others = await forget(ctx.paths.allowed, dirname(file))
  if (ctx.json) await writeJson(ctx.stdout, { file, versions, others })
  else {
    const what = [
      ...(versions > 0 ? [`runs ${file}`] : []),
      ...(others > 0 ? [`runs commands in ${dirname(file)}, or uses or fetches what lies outside of it`] : []),
    ]
    const text = what.length === 0 ? `${file} was not allowed` : `✔ devk asks again before it ${what.join(' or ')}`
    await writeText(ctx.stderr, `${text}\n`)
  }
  return 0
}

/** The configuration of a file that is data, for the commands in it. */
function dataOf({ cwd, env }: CliContext, file: string): Promise<LoadedConfig> {
  return loadConfig({ cwd, file, env, agree: runNothing })
}

const commandsText = (commands: readonly string[]) =>
  `✔ devk may run on this machine:\n${commands.map((text) => `  ${text}`).join('\n')}`

async function allowOutside(ctx: CliContext, file: string, names: readonly string[]): Promise<number> {
  const paths = await Promise.all(
    names.map((name) =>
      realpath(resolve(ctx.cwd, name)).catch((cause: unknown) => {
        throw new DevkError('USAGE', `${name} does not exist`, {
          cause,
          hint: 'Name files and folders that the configuration uses.',
        })
      }),
    ),
  )
  await allowPaths(ctx.paths.allowed, dirname(file), paths)
  if (ctx.json) await writeJson(ctx.stdout, { file, files: [], paths })
  else await writeText(ctx.stderr, `✔ ${file} may use:\n${paths.map((path) => `  ${path}`).join('\n')}\n`)
  return 0
}

async function configOf({ cwd, configFile }: CliContext): Promise<string> {
  const named = configFile === undefined ? await findConfigFile(cwd) : resolve(cwd, configFile)
  const file = named && (await realpath(named).catch(() => undefined))
  if (file !== undefined) return file
  throw new DevkError('CONFIG_NOT_FOUND', `No configuration found in ${cwd} or its parent folders`, {
    hint: 'Change the folder, or name the file: devk allow --config FILE.',
  })
}
