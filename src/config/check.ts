import { dirname } from 'node:path'
import { type Disk, realDisk } from './context.ts'
import { withOverlay } from './overlay.ts'
import { parseConfig } from './parse.ts'
import { locate, profileNames } from './positions.ts'
import { type ConfigPath, configInvalid, type Problem, type SourceMap } from './problems.ts'
import { applyProfiles } from './profiles.ts'
import { resolveConfig } from './resolve.ts'
import { checkRules } from './rules.ts'
import type { LoadedConfig } from './schema.ts'

/** A configuration file and the options that change how devk reads it. */
export interface CheckOptions {
  /** Absolute path of the configuration file. */
  readonly file: string
  /** The file name in messages. */
  readonly shown: string
  /** Positions of the keys in the file. */
  readonly map: SourceMap
  /** `--profile`: one name, or several separated by commas. They are applied in this order. */
  readonly profile: string | undefined
  /** `--overlay`: the overlay to deploy instead of `deploy.kustomize`. */
  readonly overlay?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Names of the built-in presets; undefined: the names in the configuration are not checked. */
  readonly presets: readonly string[] | undefined
  /** Default: the file system of this machine. */
  readonly disk?: Disk
}

/**
 * Applies the profile, validates the configuration against the schema and the rules, and selects the overlay. Returns
 * the resolved configuration, frozen. Throws CONFIG_INVALID with all problems, or USAGE for an unknown overlay.
 */
export function checkConfig(written: unknown, options: CheckOptions): LoadedConfig {
  const { file, map, profile } = options
  const raw = applyProfiles(written, profileNames(profile), options.shown)
  const parsed = parseConfig(raw)
  const config =
    parsed.config === undefined ? undefined : resolveConfig(parsed.config, file, dirname(file), options.env)
  const withNul = nulStrings(raw)
  const problems: Problem[] = [...parsed.problems, ...duplicates(map), ...withNul]
  if (config !== undefined && withNul.length === 0) {
    const { disk = realDisk(), env, presets } = options
    const given = (path: ConfigPath) => valueAt(raw, path) !== undefined
    const found = checkRules({ config, given, disk, env, presets })
    problems.push(...found.filter((problem) => !parsed.pruned.some((path) => startsWith(problem.path, path))))
  }
  if (config === undefined || problems.length > 0) {
    throw configInvalid(options.shown, problems, (path) => locate(map, path, profile))
  }
  return freeze(withOverlay(config, options.overlay, options.disk ?? realDisk()))
}

/** Operating systems end texts at a NUL character: no path, argument or variable can contain one. */
function nulStrings(value: unknown, path: ConfigPath = []): Problem[] {
  if (typeof value === 'string' && value.includes('\0')) {
    return [{ path, message: 'contains a NUL character', fix: 'remove it' }]
  }
  if (typeof value !== 'object' || value === null) return []
  const named = Object.keys(value).filter((key) => key.includes('\0'))
  return [
    ...named.map((key) => ({ path: [...path, key], message: 'has a NUL character in its name', fix: 'remove it' })),
    ...Object.entries(value).flatMap(([key, inner]) =>
      nulStrings(inner, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ]
}

function duplicates(map: SourceMap): Problem[] {
  return map.duplicates.map(({ path, first, again }) => ({
    path,
    message: `is defined twice, in lines ${first.line} and ${again.line}`,
    fix: 'remove one: the second would replace the first',
  }))
}

function valueAt(value: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<string | number, unknown> | null | undefined)?.[key],
    value,
  )
}

function startsWith(path: ConfigPath, start: ConfigPath): boolean {
  return start.every((key, i) => path[i] === key)
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) freeze(inner)
    Object.freeze(value)
  }
  return value
}
