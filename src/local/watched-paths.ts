import { relative, sep } from 'node:path'
import { ignorePatterns } from '../lib/ignore/patterns.ts'

/** What of a folder is watched. */
export interface WatchedPaths {
  ignored(path: string, directory: boolean): boolean
  /** The path from the folder, with slashes. */
  nameOf(path: string): string
}

/** What no pattern has to leave out: nobody edits it, and it is large. */
const unwatched = ['**/.git', '**/node_modules', '**/__pycache__', '**/.venv', '**/target', '**/*.log', '**/.DS_Store']

/**
 * The files of a folder that match patterns as in .dockerignore; without patterns, all but those that programs write.
 * The patterns are valid: the rules of the configuration have checked them. Pure.
 */
export function watchedPaths(folder: string, patterns: readonly string[] | undefined): WatchedPaths {
  // Of a list of patterns, all that they do not match is left out here.
  const lines = patterns === undefined ? unwatched : ['**', ...patterns.map(opposite)]
  const read = ignorePatterns(lines.join('\n'))
  const nameOf = (path: string) => relative(folder, path).split(sep).join('/')
  if ('mistake' in read) return { ignored: () => true, nameOf }
  return {
    nameOf,
    ignored(path, directory) {
      const name = nameOf(path)
      if (name === '') return false
      return read.ignores(name) && !(directory && read.mayReturnBelow(name))
    },
  }
}

const opposite = (pattern: string) => (pattern.startsWith('!') ? pattern.slice(1) : `!${pattern}`)
