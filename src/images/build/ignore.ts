import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import dockerignore from '@balena/dockerignore'

/** Paths of a build. */
export interface ContextPaths {
  /** Absolute path of the build context. */
  readonly context: string
  /** Absolute path of the Dockerfile. */
  readonly dockerfile: string
}

/** Rules of a .dockerignore file. Paths are relative to the context, with slashes. */
export interface IgnoreRules {
  /** Absolute path of the file the rules came from; undefined when there is none. */
  readonly file: string | undefined
  ignores(path: string): boolean
  /** Whether a `!` pattern may include something below an ignored folder. */
  mayReturnBelow(folder: string): boolean
}

/**
 * Reads the rules like Docker: from `<Dockerfile>.dockerignore` if it exists, otherwise from `.dockerignore` in the
 * context.
 */
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
  // By default, @balena/dockerignore 1.0.2 ignores case, unlike Docker. Its types require `.default`, which exists at
  // run time.
  // at run time.
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

/**
 * Whether a path below `folder` may match the pattern. Wildcards count as a match: an unnecessary visit costs little.
 */
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
