import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isWithin } from '../lib/paths.ts'
import { isRecord } from '../lib/record.ts'

/** The names of configuration files, in the order in which a folder is searched. */
const names = [
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
 * Finds the configuration file in `cwd` or the nearest parent folder, without evaluating it or anything else. Ignores a
 * package.json without the key `devk`. Returns an absolute path; undefined if there is no configuration.
 */
export async function findConfigFile(cwd: string): Promise<string | undefined> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    for (const name of names) if (await isConfig(join(folder, name))) return join(folder, name)
    if (folder === dirname(folder)) return undefined
  }
}

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
    const marks = ['.git', ...names.slice(0, -1)].map((name) => stat(join(folder, name)).then(() => true))
    if (await Promise.any(marks).catch(() => false)) outermost = folder
  }
  return outermost
}

async function isConfig(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) return false
  return basename(file) !== 'package.json' || hasKey(await readFile(file, 'utf8').catch(() => ''))
}

/** Whether a package.json has the key `devk`. Invalid JSON has none; it is not an error of the configuration. */
function hasKey(text: string): boolean {
  try {
    const content: unknown = JSON.parse(text)
    return isRecord(content) && content.devk !== undefined
  } catch {
    return false
  }
}
