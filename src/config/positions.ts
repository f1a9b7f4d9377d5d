import { extname } from 'node:path'
import { scanData } from './positions-data.ts'
import { scanScript } from './positions-script.ts'
import type { ConfigPath, SourceMap } from './problems.ts'

/**
 * The positions of a configuration's keys in its source text, by the file's extension. In package.json they start below the
 * key `devk`. A text that cannot be followed gives an empty map, so that messages fall back to the file's name.
 */
export function sourceMap(file: string, text: string): SourceMap {
  const extension = extname(file)
  if (!['.yaml', '.yml', '.json'].includes(extension)) return scanScript(text)
  return scanData(text, file.endsWith('package.json') ? ['devk'] : [])
}

/** The profiles of `production,green`, in the order in which they are applied. */
export function profileNames(profile: string | undefined): string[] {
  return profile === undefined ? [] : profile.split(',').map((name) => name.trim())
}

/**
 * The position of a path as the user wrote it: in the last of the chosen profiles that has it, else in the base, else that of the
 * nearest key around it.
 */
export function locate(map: SourceMap, path: ConfigPath, profile: string | undefined) {
  const bases: ConfigPath[] = [
    ...profileNames(profile)
      .map((name) => ['profiles', name])
      .reverse(),
    [],
  ]
  for (const base of bases) {
    const exact = map.find([...base, ...path])
    if (exact) return exact
  }
  for (let length = path.length - 1; length > 0; length--) {
    const around = map.find(path.slice(0, length))
    if (around) return around
  }
  return undefined
}
