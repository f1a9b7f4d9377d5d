import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { shown } from '../../init/declared/services.ts'
import type { Found } from '../../init/facts.ts'
import { type Generated, manifestsFromCompose } from '../../init/generate/generate.ts'
import type { Proposal } from '../../init/propose/propose.ts'
import { openRepository } from '../../init/readers/open.ts'
import { confirm } from '../../terminal/confirm.ts'

/**
 * Writes manifests for the services of a Compose file into a new folder, after a question on a terminal; undefined if
 * there is no Compose file, or the answer is no. Throws USAGE rather than writing over a file.
 */
export async function writeFromCompose(ctx: CliContext, found: Found): Promise<Generated | undefined> {
  const made = manifestsFromCompose(openRepository(ctx.cwd, found.files))
  if (made === undefined) return undefined
  const files = Object.entries(made.files)
  const question = `There are no manifests. Write ${files.length} files to ${made.folder}/ from ${made.source}?`
  if (ctx.isTTY && !ctx.yes && !ctx.json && !(await confirm(ctx, question))) return undefined
  for (const [file, text] of files) {
    await mkdir(join(ctx.cwd, dirname(file)), { recursive: true })
    await writeFile(join(ctx.cwd, file), text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      throw new DevkError('USAGE', `${file} is there already`, { hint: `Move ${made.folder} away and try again.` })
    })
  }
  return made
}

/** The proposal for the manifests that were written, with the Secrets of the env files. Pure. */
export function withGenerated(proposal: Proposal, made: Generated): Proposal {
  const { config, notes, remarks } = proposal
  const known = Object.keys(made.secrets)
  const isAbout = (note: string) =>
    known.some((secret) => note.startsWith(`No manifest defines the Secret ${secret}. `))
  const secrets = { ...config.secrets, ...made.secrets }
  const open = made.open.map(({ place, message }) => `${shown(place)}: ${message}`)
  return {
    ...proposal,
    config: { ...config, ...(Object.keys(secrets).length === 0 ? {} : { secrets }) },
    notes: [...new Set([...open, ...notes.filter((note) => !isAbout(note))])],
    remarks: [`${made.folder} was made from ${made.source}. It is yours: change it as you like.`, ...remarks],
  }
}
