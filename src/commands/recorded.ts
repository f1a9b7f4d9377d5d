import { dirname } from 'node:path'
import type { CliContext } from '../cli/context.ts'
import { findConfigFile } from '../config/load.ts'
import { openJournal } from '../state/journal.ts'
import { statePaths } from '../state/paths.ts'

/**
 * The name of a project whose `up` ended before it wrote its record: its journal names the folder. undefined when there is none.
 */
export async function recordedNames(ctx: CliContext): Promise<string | undefined> {
  const file = await findConfigFile(ctx.cwd)
  if (file === undefined) return undefined
  const root = dirname(file)
  const { readdir } = await import('node:fs/promises')
  const paths = statePaths(ctx.env)
  for (const name of await readdir(paths.projects).catch(() => [])) {
    const journal = openJournal({ file: paths.project(name).journal, now: () => new Date(ctx.clock()) })
    if ((await journal.entries()).some(({ facts }) => facts.root === root)) return name
  }
  return undefined
}
