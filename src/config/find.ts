import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cosmiconfig, type Loader } from 'cosmiconfig'
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
  // cosmiconfig stops at the first package.json, even without the key. Therefore each folder is a search of its own.
  const explorer = inOwnFolder(() =>
    cosmiconfig('devk', {
      searchPlaces: names,
      searchStrategy: 'none',
      cache: false,
      ignoreEmptySearchPlaces: false,
      packageProp: ['devk'],
      loaders: { ...loaders, '.json': (_file, text) => parseLoosely(text) },
    }),
  )
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const result = await explorer.search(folder)
    if (result !== null && !(result.isEmpty && basename(result.filepath) === 'package.json')) return result.filepath
    if (folder === dirname(folder)) return undefined
  }
}

/** Nothing is evaluated or parsed: the search needs the name of the file only. */
const notLoaded: Loader = () => ({})
const loaders = Object.fromEntries(
  ['.ts', '.mts', '.js', '.mjs', '.cjs', '.yaml', '.yml'].map((extension) => [extension, notLoaded]),
)

/**
 * Calls a function with devk's own folder as the working folder. cosmiconfig evaluates `.config/config.js` and the like
 * in the working folder when an explorer is created, and no option of version 10 turns that off: the folder of a user
 * must not be it.
 */
function inOwnFolder<T>(work: () => T): T {
  const folder = process.cwd()
  process.chdir(fileURLToPath(new URL('.', import.meta.url)))
  try {
    return work()
  } finally {
    process.chdir(folder)
  }
}

/**
 * Parses a package.json during the search. Invalid JSON, and JSON that is no object, has no key `devk`; it is not an
 * error of the configuration.
 */
function parseLoosely(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : { devk: null }
  } catch {
    return { devk: null }
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

/** The real path of the repository around the configuration in `root`; its own folder if it is in none. */
export async function repositoryOf(root: string, home: string): Promise<string> {
  const around = await projectAround(root, home).catch(() => undefined)
  return around ?? (await realpath(root).catch(() => root))
}
