import { yamlEntries } from '../lib/yaml.ts'
import type { ConfigPath, Position, SourceMap } from './problems.ts'

/** Finds the positions of all keys and list items of a YAML or JSON text below the path `base`. Pure. */
export function scanData(text: string, base: ConfigPath): SourceMap {
  const positions = new Map<string, Position>()
  const duplicates: SourceMap['duplicates'][number][] = []
  for (const { path, at, again } of yamlEntries(text, base)) {
    const key = JSON.stringify(path)
    const first = positions.get(key)
    if (again && first) duplicates.push({ path, first, again: at })
    positions.set(key, at)
  }
  return { find: (path) => positions.get(JSON.stringify(path)), duplicates }
}
