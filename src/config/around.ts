import { realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isWithin } from '../lib/paths.ts'

/** The names of configuration files, in the order in which a folder is searched. */
export const configNames = [
  'platform.config.ts',
  'platform.config.mts',
  'platform.config.js',
  'platform.config.mjs',
  'platform.config.cjs',
  'platform.config.json',
  'platform.config.yaml',
  'platform.config.yml',
  'package.json',
]

/**
 * The folder around `cwd` that is a repository or has a configuration; the outermost of several. Not one that contains
 * `home`, since some keep all of their home in a repository. undefined if there is none.
 */
export async function projectAround(cwd: string, home: string): Promise<string | undefined> {
  let outermost: string | undefined
  for (
    let folder = await realpath(cwd);
    !isWithin(home, folder) && folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    const marks = ['.git', ...configNames.slice(0, -1)].map((name) => stat(join(folder, name)).then(() => true))
    if (await Promise.any(marks).catch(() => false)) outermost = folder
  }
  return outermost
}

/** The real path of the repository around the configuration in `root`; its own folder if it is in none. */
export async function repositoryOf(root: string, home: string): Promise<string> {
  const around = await projectAround(root, home).catch(() => undefined)
  return around ?? (await realpath(root).catch(() => root))
}
