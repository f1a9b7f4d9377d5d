import { extname } from 'node:path'
import { scanData } from './positions-data.ts'
import { scanScript } from './positions-script.ts'
import type { ConfigPath, Position, SourceMap } from './problems.ts'

/**
 * Finds the positions of the keys of a configuration in its source text. The extension of `file` decides the language.
 * In package.json, paths start below the key `devk`. The map is empty if the text cannot be read; messages then show
 * only the name of the file. Pure.
 */
export function sourceMap(file: string, text: string): SourceMap {
  const extension = extname(file)
  if (!['.yaml', '.yml', '.json'].includes(extension)) return scanScript(text)
  return scanData(text, file.endsWith('package.json') ? ['devk'] : [])
}

/** Splits the value of `--profile`, such as `production,green`, into names in the order in which they are applied. */
export function profileNames(profile: string | undefined): string[] {
  return profile === undefined ? [] : profile.split(',').map((name) => name.trim())
}

/**
 * Finds where the user wrote the value at a path: in the last of the chosen profiles that has it, or else outside the
 * profiles. If neither has it, returns the position of the nearest key around it.
 */
export function locate(map: SourceMap, path: ConfigPath, profile: string | undefined): Position | undefined {
  const bases: ConfigPath[] = [
    ...profileNames(profile)
      .map((name) => ['profiles', name])
      .reverse(),
    [],
  ]
  for (const base of bases) {
    const exact = map.find([...base, ...path])
    if (exact) return exact
    const added = base.length === 0 ? undefined : map.find([...base, ...additionTo(path)])
    if (added) return added
  }
  for (let length = path.length - 1; length > 0; length--) {
    const around = map.find(path.slice(0, length))
    if (around) return around
  }
  return undefined
}

/** The key with which a profile adds to the list that a path leads into, or to the list itself. */
function additionTo(path: ConfigPath): ConfigPath {
  const index = path.findIndex((key) => typeof key === 'number')
  const list = index < 0 ? path : path.slice(0, index)
  return [...list.slice(0, -1), `${list.at(-1) ?? ''}+`]
}
