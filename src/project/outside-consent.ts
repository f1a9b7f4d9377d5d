import { realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename } from 'node:path'
import { repositoryOf } from '../config/around.ts'
import type { LoadOptions, PlacedPath } from '../config/load.ts'
import type { LoadedConfig } from '../config/schema.ts'
import { usedPaths } from '../config/used-paths.ts'
import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import { isWithin } from '../lib/paths.ts'
import { count } from '../lib/text.ts'
import { allowedPaths, allowPaths } from '../state/allowed.ts'
import { ask } from '../terminal/confirm.ts'
import { type OutsidePath, outsideOf } from './outside.ts'

/**
 * Asks whether a project may use files and folders outside of its repository, unless this user has allowed it before.
 * `--yes` allows those in the folder that devk was called in. Throws PATH_OUTSIDE if the user does not agree, and if
 * there is no terminal to ask on.
 */
export function agreementOf(ctx: CliContext, mayAsk = true): NonNullable<LoadOptions['agreeToPaths']> {
  return async (root, paths) => {
    const { unknown, repository } = await unagreed(ctx, root, paths)
    if (unknown.length === 0) return
    const here = ctx.yes ? [await realpath(ctx.cwd)] : []
    const asked = unknown.filter(({ real }) => !here.some((path) => isWithin(real, path)))
    if (asked.length > 0 && !(mayAsk && (await agrees(ctx, asked, repository)))) throw refusal(ctx, asked, repository)
    await allowPaths(
      ctx.paths.allowed,
      root,
      unknown.map(({ real }) => real),
    )
  }
}

/**
 * Throws PATH_OUTSIDE for what of a configuration lies outside of its repository and is not allowed. Files change after
 * the configuration was read: a new link may lead outside.
 */
export async function requireAgreedPaths(ctx: Consenting, config: LoadedConfig): Promise<void> {
  const place = basename(config.file)
  const paths = usedPaths(config).map((path) => ({ ...path, place }))
  const { unknown, repository } = await unagreed(ctx, config.root, paths)
  if (unknown.length > 0) throw refusal(ctx, unknown, repository)
}

type Consenting = Pick<CliContext, 'configFile' | 'env' | 'paths'>

async function unagreed({ env, paths: { allowed } }: Consenting, root: string, paths: readonly PlacedPath[]) {
  const repository = await repositoryOf(root, env.HOME ?? homedir())
  const outside = await outsideOf(paths, { root, repository })
  const known = outside.length === 0 ? [] : await allowedPaths(allowed, root)
  return { repository, unknown: outside.filter(({ real }) => !known.some((path) => isWithin(real, path))) }
}

async function agrees(ctx: CliContext, outside: readonly OutsidePath[], repository: string): Promise<boolean> {
  if (!ctx.isTTY) return false
  const list = outside.map(({ text }) => `  ${text}`).join('\n')
  ctx.stderr.write(`\nThis project uses files outside of its repository ${repository}:\n\n${list}\n\n`)
  return ask(ctx, 'Do you allow that?')
}

function refusal({ configFile }: Consenting, outside: readonly OutsidePath[], repository: string): DevkError {
  const config = configFile === undefined ? '' : ` --config ${word(configFile)}`
  const paths = outside.map(({ real }) => word(real)).join(' ')
  const what = count(outside.length, 'path')
  return new DevkError('PATH_OUTSIDE', `The configuration uses ${what} outside of its repository ${repository}`, {
    details: [...outside.map(({ text }) => text), 'Nothing was changed.'],
    hint: `Check these paths. To allow them: devk allow${config} ${paths}`,
  })
}

/** A word for a shell. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
