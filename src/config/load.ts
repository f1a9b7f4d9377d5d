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

export interface LoadOptions {
  readonly cwd: string
  /** A file named by the user, relative to `cwd`; no search then. */
  readonly file?: string | undefined
  /** `--profile`: one name, or several with commas between them. */
  readonly profile?: string | undefined
  /** `--overlay`. */
  readonly overlay?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Names of the presets there are, to check those of the configuration against. */
  readonly presets?: readonly string[] | undefined
}

/**
 * The absolute path of the configuration file of `cwd`: in it or in the nearest folder above. It is not evaluated. A package.json
 * without the key `devk` is passed over. undefined when there is none.
 */
export async function findConfigFile(cwd: string): Promise<string | undefined> {
  // cosmiconfig's own way upwards ends at the first package.json, whatever it holds; so each folder is asked by itself.
  const found: Loader = () => ({})
  const explorer = open(found, (_file, text) => parseLoosely(text))
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const result = await explorer.search(folder)
    if (result !== null && !(result.isEmpty && basename(result.filepath) === 'package.json')) return result.filepath
    if (folder === dirname(folder)) return undefined
  }
}

/**
 * Finds, reads, and checks the configuration; the result is complete, frozen, and holds only absolute paths.
 * Throws CONFIG_NOT_FOUND, or CONFIG_INVALID with all problems at once.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const named = options.file === undefined ? await findConfigFile(options.cwd) : resolve(options.cwd, options.file)
  if (named === undefined) {
    throw new DevkError('CONFIG_NOT_FOUND', `There is no platform.config.ts in ${options.cwd} or above it`, {
      hint: 'devk init writes one from the Dockerfiles and manifests of this folder; or go to a project that has one.',
    })
  }
  const file = await realpath(named).catch((cause: unknown) => {
    throw new DevkError('CONFIG_NOT_FOUND', `There is no file ${options.file ?? named}`, { cause })
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
    throw new DevkError('CONFIG_INVALID', `${shown} holds no configuration`, {
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

/** For the search: whether a package.json has the key; one that cannot be parsed belongs to someone else. */
function parseLoosely(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { devk: null }
  }
}
