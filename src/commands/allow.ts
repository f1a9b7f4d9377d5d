import { realpath } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { codeOf, scripts } from '../config/code.ts'
import { findConfigFile } from '../config/find.ts'
import type { CliContext, CommandFunction, NoFlags } from '../context.ts'
import { DevkError } from '../errors.ts'
import { codeText, requireOwnCode } from '../project/consent.ts'
import { allow, forget } from '../state/allowed.ts'
import { writeJson, writeText } from '../terminal/output.ts'

/**
 * `devk allow`: allows devk to run the configuration of this folder as it is now. Runs nothing. Throws
 * CONFIG_NOT_FOUND, and CONFIG_UNTRUSTED if root would run what another user can change.
 */
export const runAllow: CommandFunction<NoFlags> = async (ctx) => {
  const file = await configOf(ctx)
  const code = await codeOf(file)
  const isCode = scripts.has(extname(file))
  if (isCode) {
    await requireOwnCode(ctx, code)
    await allow(ctx.paths.allowed, code)
  }
  const files = isCode ? [...code.files.keys()] : []
  if (ctx.json) await writeJson(ctx.stdout, { file, files })
  else {
    const text = isCode
      ? `✔ devk may run, as they are now:\n${codeText(ctx.cwd, code)}`
      : `${file} is data: it needs no consent`
    await writeText(ctx.stderr, `${text}\n`)
  }
  return 0
}

/** `devk deny`: takes back what `devk allow` and the question of `devk up` allowed. Throws CONFIG_NOT_FOUND. */
export const runDeny: CommandFunction<NoFlags> = async (ctx) => {
  const file = await configOf(ctx)
  const versions = await forget(ctx.paths.allowed, file)
  if (ctx.json) await writeJson(ctx.stdout, { file, versions })
  else
    await writeText(
      ctx.stderr,
      versions === 0 ? `${file} was not allowed\n` : `✔ devk asks again before it runs ${file}\n`,
    )
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
