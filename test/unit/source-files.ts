import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const importStatement =
  /^(?:import|export)\s+(?:type\s)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm

/** Texts by path. */
export type Files = ReadonlyMap<string, string>

/** What a file (path below src) imports: paths below src, and names of packages. */
export function importsOf(file: string, text: string): string[] {
  return [...text.matchAll(importStatement)].map(([, from, bare, dynamic]) => {
    const target = from ?? bare ?? dynamic ?? ''
    return target.startsWith('.') ? posix.join(posix.dirname(file), target) : target
  })
}

/** The package of an import such as `semver/functions/coerce.js` or `@scope/name/part`. */
export function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Import circles, each as its files in order. */
export function circles(files: Files): string[] {
  const found = new Set<string>()
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    const at = path.indexOf(file)
    if (at >= 0) return found.add([...path.slice(at), file].join(' → '))
    const text = files.get(file)
    if (text === undefined || done.has(file)) return
    for (const target of importsOf(file, text)) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of files.keys()) visit(file, [])
  return [...found]
}

/** The texts of the files below a folder of the repository, by their paths below it. */
export function filesBelow(folder: string, kind = /\.ts$/): Map<string, string> {
  const root = fileURLToPath(new URL(`../../${folder}/`, import.meta.url))
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => kind.test(file))
  return new Map(files.map((file) => [file, readFileSync(root + file, 'utf8')]))
}
