import { dirname } from 'node:path'
import { DevkError } from '../errors.ts'
import { nearest } from '../lib/text.ts'
import { type Disk, realDisk } from './context.ts'
import { deepMerge, isRecord } from './merge.ts'
import { withOverlay } from './overlay.ts'
import { parseConfig } from './parse.ts'
import { locate, profileNames } from './positions.ts'
import { type ConfigPath, configInvalid, type Problem, type SourceMap } from './problems.ts'
import { resolveConfig } from './resolve.ts'
import { checkRules } from './rules.ts'
import type { LoadedConfig } from './schema.ts'

export interface CheckOptions {
  /** Absolute path of the configuration file. */
  readonly file: string
  /** The file as messages name it. */
  readonly shown: string
  readonly map: SourceMap
  /** Names with commas between them; each changes what those before it left. */
  readonly profile: string | undefined
  /** Name of the overlay to deploy in place of `deploy.kustomize`. */
  readonly overlay?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly presets: readonly string[] | undefined
  readonly disk?: Disk
}

/** Applies the profile, checks everything, takes the overlay, and gives the internal form, frozen. Throws CONFIG_INVALID with all problems, USAGE for an unknown overlay. */
export function checkConfig(written: unknown, options: CheckOptions): LoadedConfig {
  const { file, map, profile } = options
  const raw = applyProfile(written, profile, options.shown)
  const parsed = parseConfig(raw)
  const config =
    parsed.config === undefined ? undefined : resolveConfig(parsed.config, file, dirname(file), options.env)
  const problems: Problem[] = [...parsed.problems, ...twice(map)]
  if (config !== undefined) {
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

function applyProfile(written: unknown, profile: string | undefined, shown: string): unknown {
  if (!isRecord(written)) return written
  const profiles = isRecord(written.profiles) ? written.profiles : {}
  return profileNames(profile).reduce<unknown>((config, name) => {
    if (Object.hasOwn(profiles, name)) return deepMerge(config, profiles[name])
    const names = Object.keys(profiles)
    const near = nearest(name, names)
    const there = names.length === 0 ? 'It has no profiles.' : `It has ${names.join(', ')}.`
    throw new DevkError('CONFIG_INVALID', `${shown} has no profile "${name}"`, {
      hint: near === undefined ? there : `Did you mean "${near}"? ${there}`,
    })
  }, written)
}

function twice(map: SourceMap): Problem[] {
  return map.duplicates.map(({ path, first, again }) => ({
    path,
    message: `is written twice, in lines ${first.line} and ${again.line}`,
    mend: 'the second would silently replace the first',
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
