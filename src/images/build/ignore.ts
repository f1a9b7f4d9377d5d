import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import dockerignore from '@balena/dockerignore'

export interface ContextPaths {
  /** Absolute path of the build context. */
  readonly context: string
  /** Absolute path of the Dockerfile. */
  readonly dockerfile: string
}

/** What the build leaves out; paths are relative to the context, with slashes. */
export interface IgnoreRules {
  /** Absolute path of the file the rules came from; undefined when there is none. */
  readonly file: string | undefined
  ignores(path: string): boolean
  /** Whether something below an ignored folder may be let in again by a `!` pattern. */
  mayReturnBelow(folder: string): boolean
}

/** Reads the rules as Docker does: `<Dockerfile>.dockerignore` if it is there, else `.dockerignore` at the context's root. */
export async function readIgnore(paths: ContextPaths): Promise<IgnoreRules> {
  for (const file of [`${paths.dockerfile}.dockerignore`, join(paths.context, '.dockerignore')]) {
    const text = await readIfThere(file)
    if (text !== undefined) return ignoreRules(text, file)
  }
  return ignoreRules('', undefined)
}

/** The rules of one .dockerignore text. */
export function ignoreRules(text: string, file?: string): IgnoreRules {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  // @balena/dockerignore 1.0.2 ignores case unless told, Docker does not; its types want `.default`, a plain property at run time.
  const matcher = dockerignore.default({ ignorecase: false }).add(lines)
  const returns = lines.filter((line) => line.startsWith('!')).map(components)
  return {
    file,
    ignores: (path) => matcher.ignores(path),
    mayReturnBelow: (folder) => returns.some((pattern) => reaches(pattern, folder.split('/'))),
  }
}

function components(line: string): string[] {
  return line
    .slice(1)
    .trim()
    .split('/')
    .filter((part) => part !== '' && part !== '.')
}

/** Can a path below `folder` match the pattern? Wildcards are taken to match anything: a visit too many costs little. */
function reaches(pattern: readonly string[], folder: readonly string[]): boolean {
  for (const [index, name] of folder.entries()) {
    const part = pattern[index]
    if (part === undefined) return false
    if (part.includes('**')) return true
    if (part !== name && !/[*?[\\]/.test(part)) return false
  }
  return pattern.length > folder.length
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
