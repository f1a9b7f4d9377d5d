import { readFile, realpath } from 'node:fs/promises'
import { basename, extname, relative, resolve } from 'node:path'
import { DevkError } from '../errors.ts'
import { isRecord } from '../lib/record.ts'
import { checkConfig } from './check.ts'
import { type ConfigCode, codeOf, scripts } from './code.ts'
import { parseData } from './data.ts'
import { isTooDeep, mostLevels } from './depth.ts'
import { evaluate } from './evaluate.ts'
import { findConfigFile } from './find.ts'
import { locate, sourceMap } from './positions.ts'
import type { LoadedConfig } from './schema.ts'
import { endPreparedThread } from './script-thread.ts'
import { type UsedPath, usedPaths } from './used-paths.ts'

/** Extensions of the files that are data. */
const data: ReadonlySet<string> = new Set(['.json', '.yaml', '.yml'])

/** A path that the configuration names, with its place: `platform.config.yaml:4:5`. */
export interface PlacedPath extends UsedPath {
  readonly place: string
}

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
  /** Called before code runs, and again if there turns out to be more of it. Rejects if the user does not agree. */
  readonly agree: (code: ConfigCode) => Promise<void>
  /**
   * Called with the paths of the configuration, before devk uses them. Rejects if the user does not agree. undefined:
   * the command uses none.
   */
  readonly agreeToPaths?: ((root: string, paths: readonly PlacedPath[]) => Promise<void>) | undefined
  /** Names of the built-in presets; undefined: the names in the configuration are not checked. */
  readonly presets?: readonly string[] | undefined
  /** Called for each file of the project that a script imports, directly or not, even if it does not exist. */
  readonly onImport?: ((file: string) => void) | undefined
  /** Ends a script that runs. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Finds, reads and validates the configuration. The result has all defaults and only absolute paths, and is frozen.
 * Throws CONFIG_NOT_FOUND, CONFIG_INVALID with all problems, or USAGE for an unknown overlay.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  try {
    return await load(options)
  } finally {
    await endPreparedThread()
  }
}

async function load(options: LoadOptions): Promise<LoadedConfig> {
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
  const raw = await read({ file, shown, text }, options)
  const map = sourceMap(file, text)
  const { profile, overlay, env, presets, agreeToPaths } = options
  const config = checkConfig(raw, { file, shown, map, profile, overlay, env, presets })
  await agreeToPaths?.(
    config.root,
    usedPaths(config).map((path) => {
      const at = locate(map, path.at, profile)
      return { ...path, place: at === undefined ? shown : `${shown}:${at.line}:${at.column}` }
    }),
  )
  return config
}

interface Source {
  /** Without symbolic links. */
  readonly file: string
  /** Its name in messages. */
  readonly shown: string
  readonly text: string
}

async function read(source: Source, options: LoadOptions): Promise<unknown> {
  const { shown } = source
  const config = source.text.trim() === '' ? undefined : await parsed(source, options)
  if (config === undefined || config === null) {
    throw new DevkError('CONFIG_INVALID', `${shown} contains no configuration`, {
      hint: 'Write at least: export default defineConfig({ name: "my-project" })',
    })
  }
  if (isTooDeep(config)) {
    throw new DevkError('CONFIG_INVALID', `${shown} has more than ${mostLevels} levels, or contains itself`)
  }
  return config
}

async function parsed(source: Source, options: LoadOptions): Promise<unknown> {
  const { file, shown, text } = source
  const extension = extname(file)
  if (scripts.has(extension)) return run(source, options)
  if (!data.has(extension)) {
    throw new DevkError('CONFIG_INVALID', `${shown} is no configuration: its name ends with "${extension}"`, {
      hint: `devk reads files that end with ${[...scripts, ...data].join(', ')}.`,
    })
  }
  const value = parseData(text, file, shown)
  if (basename(file) !== 'package.json') return value
  return isRecord(value) ? value.devk : undefined
}

/** Runs a script once its user agrees. A path of an import that the script computes is only known when it runs. */
async function run({ file, shown }: Source, { agree, onImport, signal }: LoadOptions): Promise<unknown> {
  const more = new Set<string>()
  for (;;) {
    const code = await codeOf(file, more)
    // A running devk waits for a change of what the user has not agreed to.
    for (const path of code.files.keys()) if (path !== file) onImport?.(path)
    await agree(code)
    const result = await evaluate({ code, shown, onImport, signal })
    if ('value' in result) return result.value
    more.add(result.unlisted)
  }
}

/** The text of a file in UTF-8 or, if it begins with their mark, UTF-16. */
function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}
