import { readFile, realpath } from 'node:fs/promises'
import { basename, dirname, relative, resolve } from 'node:path'
import { cosmiconfig, defaultLoaders, type Loader } from 'cosmiconfig'
import { DevkError } from '../errors.ts'
import { checkConfig } from './check.ts'
import { parseData } from './data.ts'
import { evaluate } from './evaluate.ts'
import { sourceMap } from './positions.ts'
import type { LoadedConfig } from './schema.ts'

const searchPlaces = [
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

/** Which configuration to load, and the command-line options that change it. */
export interface LoadOptions {
  /** Folder in which the search starts. */
  readonly cwd: string
  /** `--config`: the file to load instead of a search, relative to `cwd`. */
  readonly file?: string | undefined
  /** `--profile`: one name, or several separated by commas. */
  readonly profile?: string | undefined
  /** `--overlay`: the overlay to deploy instead of `deploy.kustomize`. */
  readonly overlay?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Names of the built-in presets; undefined: the names in the configuration are not checked. */
  readonly presets?: readonly string[] | undefined
}

/**
 * Finds the configuration file in `cwd` or the nearest parent folder, without evaluating it. Ignores a package.json
 * without the key `devk`. Returns an absolute path; undefined if there is no configuration.
 */
export async function findConfigFile(cwd: string): Promise<string | undefined> {
  // cosmiconfig stops at the first package.json, even without the key. Therefore each folder is a search of its own.
  const found: Loader = () => ({})
  const explorer = open(found, (_file, text) => parseLoosely(text))
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const result = await explorer.search(folder)
    if (result !== null && !(result.isEmpty && basename(result.filepath) === 'package.json')) return result.filepath
    if (folder === dirname(folder)) return undefined
  }
}

/**
 * Finds, reads and validates the configuration. The result has all defaults and only absolute paths, and is frozen.
 * Throws CONFIG_NOT_FOUND, CONFIG_INVALID with all problems, or USAGE for an unknown overlay.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const named = options.file === undefined ? await findConfigFile(options.cwd) : resolve(options.cwd, options.file)
  if (named === undefined) {
    throw new DevkError('CONFIG_NOT_FOUND', `No platform.config.ts found in ${options.cwd} or its parent folders`, {
      hint: 'Run devk init to create one from the Dockerfiles and manifests of this folder, or change the folder.',
    })
  }
  const file = await realpath(named).catch((cause: unknown) => {
    throw new DevkError('CONFIG_NOT_FOUND', `The file ${options.file ?? named} does not exist`, { cause })
  })
  const shown = relative(options.cwd, named).startsWith('..') ? named : relative(options.cwd, named)
  const text = await readFile(file, 'utf8')
  const raw = await read(file, shown)
  return checkConfig(raw, {
    file,
    shown,
    map: sourceMap(file, text),
    profile: options.profile,
    overlay: options.overlay,
    env: options.env,
    presets: options.presets,
  })
}

async function read(file: string, shown: string): Promise<unknown> {
  const data: Loader = (_file, text) => parseData(text, file, shown)
  const script: Loader = (path, text) => evaluate(path, shown, async () => defaultLoaders['.ts'](path, text))
  const result = await open(script, data).load(file)
  if (result === null || result.isEmpty || result.config === null) {
    throw new DevkError('CONFIG_INVALID', `${shown} contains no configuration`, {
      hint: 'Write at least: export default defineConfig({ name: "my-project" })',
    })
  }
  return result.config
}

function open(script: Loader, data: Loader) {
  return cosmiconfig('devk', {
    searchPlaces,
    searchStrategy: 'none',
    cache: false,
    ignoreEmptySearchPlaces: false,
    packageProp: ['devk'],
    loaders: {
      '.ts': script,
      '.mts': script,
      '.js': script,
      '.mjs': script,
      '.cjs': script,
      '.json': data,
      '.yaml': data,
      '.yml': data,
    },
  })
}

/** Parses a package.json during the search. Invalid JSON has no key `devk`; it is not an error of the configuration. */
function parseLoosely(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { devk: null }
  }
}
