import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ignorePatterns } from '../../lib/ignore/patterns.ts'
import { type IgnoreRules, ignoreRules } from '../build/ignore.ts'

/** Where the sources of an outside build are. */
export interface OutsideSources {
  /** Absolute path of the folder that the command runs in. */
  readonly context: string
  /** Patterns of the sources, as in .dockerignore. */
  readonly watch?: readonly string[] | undefined
}

/** What builders and package managers write beside the sources. */
const written = ['**/.git', '**/node_modules', '**/__pycache__', '**/.venv', '**/target', '**/.gradle', 'bazel-*']

/**
 * Which files of the context are no sources of an outside build: what `watch` does not match; without `watch`, what
 * builders write, and what .gitignore and .dockerignore of the context name. Throws CONFIG_INVALID with the line of a
 * pattern of .dockerignore that is not valid.
 */
export async function outsideIgnore({ context, watch }: OutsideSources): Promise<IgnoreRules> {
  if (watch !== undefined) return ignoreRules(['**', ...watch.map(opposite)].join('\n'))
  const [git, docker] = ['.gitignore', '.dockerignore'].map((name) => join(context, name))
  const read = (file = '') => readFile(file, 'utf8').catch(() => '')
  const own = ignoreRules(await read(docker), docker)
  const others = ignoreRules([...written, ...fromGitignore(await read(git))].join('\n'))
  return {
    file: docker,
    ignores: (path) => own.ignores(path) || others.ignores(path),
    mayReturnBelow: (folder) =>
      (own.ignores(folder) ? own.mayReturnBelow(folder) : true) &&
      (others.ignores(folder) ? others.mayReturnBelow(folder) : true),
  }
}

/**
 * Patterns of a .gitignore file as .dockerignore has them: one without a slash matches in every folder. Those that
 * only git understands are left out. Pure.
 */
export function fromGitignore(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const pattern = line.trim()
    if (pattern === '' || pattern.startsWith('#') || pattern.includes('\\')) return []
    const isReturn = pattern.startsWith('!')
    const path = pattern.slice(isReturn ? 1 : 0).replace(/\/+$/, '')
    const everywhere = path.includes('/') ? path.replace(/^\//, '') : `**/${path}`
    const read = `${isReturn ? '!' : ''}${everywhere}`
    return path === '' || 'mistake' in ignorePatterns(read) ? [] : [read]
  })
}

const opposite = (pattern: string) => (pattern.startsWith('!') ? pattern.slice(1) : `!${pattern}`)
