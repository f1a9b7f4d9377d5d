import { createHash } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'

/** The code of a configuration: what devk would run to read it. */
export interface ConfigCode {
  /** The configuration file, without symbolic links. */
  readonly file: string
  /** This file and the local files that it imports, each with the SHA-256 of its content. */
  readonly files: ReadonlyMap<string, string>
}

/** Extensions of configurations that are code. */
export const scripts: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs', '.cjs'])

/** What `import`, `export … from`, `import()` and `require()` name by a relative path. */
const specifiers = /\b(?:from|import|require)\s*\(?\s*(['"])(\.\.?\/[^'"\n]*)\1/g

/**
 * Reads the code of a configuration without running it. It finds the imports that are written as texts; `more` are
 * files that were found otherwise.
 */
export async function codeOf(file: string, more: Iterable<string> = []): Promise<ConfigCode> {
  const files = new Map<string, string>()
  const waiting = [file, ...more]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const text = files.has(path) ? undefined : await readFile(path).catch(() => undefined)
    if (text === undefined) continue
    files.set(path, digestOf(text))
    if (!scripts.has(extname(path))) continue
    for (const [, , specifier = ''] of text.toString().matchAll(specifiers)) {
      const found = await firstFile(resolve(dirname(path), specifier))
      if (found !== undefined) waiting.push(found)
    }
  }
  return { file, files }
}

/** The SHA-256 of the content of a file, in hexadecimal. Pure. */
export function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** The file that a path means; require() also adds extensions. */
async function firstFile(path: string): Promise<string | undefined> {
  const ends = ['', '.js', '.json', '.cjs', '.ts', ...['index.js', 'index.json'].map((name) => join('/', name))]
  for (const end of ends) {
    const found = await realpath(path + end).catch(() => undefined)
    if (found !== undefined && extname(found) !== '') return found
  }
  return undefined
}
