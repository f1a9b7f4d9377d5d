import { basename, dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cosmiconfig, type Loader } from 'cosmiconfig'
import { isRecord } from '../lib/record.ts'
import { configNames } from './around.ts'

/**
 * Finds the configuration file in `cwd` or the nearest parent folder, without evaluating it or anything else. Ignores a
 * package.json without the key `devk`. Returns an absolute path; undefined if there is no configuration.
 */
export async function findConfigFile(cwd: string): Promise<string | undefined> {
  // cosmiconfig stops at the first package.json, even without the key. Therefore each folder is a search of its own.
  const explorer = inOwnFolder(() =>
    cosmiconfig('devk', {
      searchPlaces: configNames,
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
