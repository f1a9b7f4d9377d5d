import { readFile, realpath } from 'node:fs/promises'
import { basename, extname, relative, resolve } from 'node:path'
import { DevkError } from '../errors.ts'
import { isRecord } from '../lib/record.ts'
import { checkConfig } from './check.ts'
import { parseData } from './data.ts'
import { evaluate, type Reading } from './evaluate.ts'
import { findConfigFile } from './find.ts'
import { sourceMap } from './positions.ts'
import type { LoadedConfig } from './schema.ts'

/** Extensions of the files that are code, and of those that are data. */
const scripts: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs', '.cjs'])
const data: ReadonlySet<string> = new Set(['.json', '.yaml', '.yml'])

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
  /** Called for each file of the project that a script imports, directly or not, even if it does not exist. */
  readonly onImport?: ((file: string) => void) | undefined
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
  const text = decoded(await readFile(file))
  const raw = await read({ file, shown, onImport: options.onImport }, text)
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

async function read(reading: Reading, text: string): Promise<unknown> {
  const config = text.trim() === '' ? undefined : await parsed(reading, text)
  if (config === undefined || config === null) {
    throw new DevkError('CONFIG_INVALID', `${reading.shown} contains no configuration`, {
      hint: 'Write at least: export default defineConfig({ name: "my-project" })',
    })
  }
  return config
}

async function parsed(reading: Reading, text: string): Promise<unknown> {
  const { file, shown } = reading
  const extension = extname(file)
  if (scripts.has(extension)) return evaluate(reading)
  if (!data.has(extension)) {
    throw new DevkError('CONFIG_INVALID', `${shown} is no configuration: its name ends with "${extension}"`, {
      hint: `devk reads files that end with ${[...scripts, ...data].join(', ')}.`,
    })
  }
  const value = parseData(text, file, shown)
  if (basename(file) !== 'package.json') return value
  return isRecord(value) ? value.devk : undefined
}

/** The text of a file in UTF-8 or, if it begins with their mark, UTF-16. */
function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}
