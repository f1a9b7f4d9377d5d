import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DevkError } from '../../errors.ts'
import { ignorePatterns } from '../../lib/ignore/patterns.ts'

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

/** The rules of one .dockerignore text. Throws CONFIG_INVALID with the line of a pattern that BuildKit refuses. */
export function ignoreRules(text: string, file?: string): IgnoreRules {
  const read = ignorePatterns(text)
  if (!('mistake' in read)) return { file, ...read }
  const { line, message } = read.mistake
  throw new DevkError('CONFIG_INVALID', `${file === undefined ? '' : `${file}:${line}: `}${message}`, {
    hint: 'Correct the pattern. The build would refuse it as well.',
  })
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
