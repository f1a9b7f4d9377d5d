import { realpath, stat } from 'node:fs/promises'
import { relative } from 'node:path'
import type { ConfigCode } from '../config/code.ts'
import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import { isWithin } from '../lib/paths.ts'
import { allow, isAllowed } from '../state/allowed.ts'
import { ask } from '../terminal/confirm.ts'

/**
 * Asks whether the code of a configuration may run, unless this user has allowed exactly this code before. `--yes`
 * allows the code in the folder that devk was called in. Throws CONFIG_UNTRUSTED if the user does not agree, if there
 * is no terminal to ask on, and if devk runs as root and the code belongs to somebody else.
 */
export function consentOf(ctx: CliContext, mayAsk = true): (code: ConfigCode) => Promise<void> {
  return async (code) => {
    await requireOwnCode(ctx, code)
    const { allowed } = ctx.paths
    if (await isAllowed(allowed, code)) return
    if (!(ctx.yes && (await isBelow(ctx.cwd, code))) && !(mayAsk && (await agrees(ctx, code))))
      throw untrusted(ctx, code)
    await allow(allowed, code)
  }
}

/** Refuses to run code, for commands that only look. */
export async function runNothing({ file }: ConfigCode): Promise<void> {
  throw new DevkError('CONFIG_UNTRUSTED', `${file} is code, which this command does not run`)
}

/**
 * Throws CONFIG_UNTRUSTED if root would run what another user can change. Files of the owner of devk itself are
 * allowed: root already runs what that user can change.
 */
export async function requireOwnCode(
  { packageRoot }: Pick<CliContext, 'packageRoot'>,
  { files }: ConfigCode,
  user = process.getuid?.(),
): Promise<void> {
  if (user !== 0) return
  const owner = (await stat(packageRoot)).uid
  for (const file of files.keys()) {
    const { uid } = await stat(file)
    if (uid === 0 || uid === owner) continue
    throw new DevkError('CONFIG_UNTRUSTED', `${file} belongs to the user ${uid}, and root runs only what root owns`, {
      hint: 'Run devk as that user. If that is not possible: write the configuration as YAML, or change its owner.',
    })
  }
}

async function isBelow(cwd: string, { files }: ConfigCode): Promise<boolean> {
  const folder = await realpath(cwd)
  return [...files.keys()].every((file) => isWithin(file, folder))
}

/** `--yes` is no answer here: it stands for the folder that devk was called in. */
async function agrees(ctx: CliContext, code: ConfigCode): Promise<boolean> {
  if (!ctx.isTTY) return false
  ctx.stderr.write(`\nTo read its configuration, devk runs code of this project:\n\n${codeText(ctx.cwd, code)}\n\n`)
  return ask(ctx, 'Do you trust it?')
}

function untrusted({ cwd, configFile }: CliContext, code: ConfigCode): DevkError {
  const config = configFile === undefined ? '' : ` --config ${configFile}`
  return new DevkError('CONFIG_UNTRUSTED', 'The configuration is code that you have not allowed to run', {
    details: [
      ...codeText(cwd, code)
        .split('\n')
        .map((line) => line.trim()),
      'Nothing was run.',
    ],
    hint: `Read it, then allow it: devk allow${config}. It asks again when this code changes.`,
  })
}

/** The files that would run, each on its line. */
export function codeText(cwd: string, { file, files }: ConfigCode): string {
  const others = [...files.keys()].filter((path) => path !== file)
  const nameOf = (path: string) => (isWithin(path, cwd) ? relative(cwd, path) : path)
  return [`  ${file}`, ...others.map((path) => `  ${nameOf(path)}`)].join('\n')
}
