import { posix } from 'node:path'
import { type Pattern, pattern } from './pattern.ts'

/** The patterns of a .dockerignore file. Paths have slashes and are relative to the folder of the patterns. */
export interface IgnorePatterns {
  ignores(path: string): boolean
  /** Whether a `!` pattern may include something below an ignored folder. */
  mayReturnBelow(folder: string): boolean
}

/** A pattern that BuildKit refuses. */
export interface IgnoreMistake {
  readonly line: number
  readonly message: string
}

/**
 * The patterns of a text, as BuildKit reads them; or the first mistake. As in BuildKit, a path inherits for each
 * pattern whether its folder matches.
 * Rules: https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function ignorePatterns(text: string): IgnorePatterns | { readonly mistake: IgnoreMistake } {
  const patterns: Pattern[] = []
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const written = line.startsWith('#') ? '' : line.trim()
    if (written === '') continue
    // What begins with ! only when it is cleaned, as ./!a does, counts as well.
    const short = written.startsWith('!') ? `!${clean(written.slice(1).trim()).trim()}` : clean(written).trim()
    const isReturn = short.startsWith('!')
    const cleaned = isReturn ? short.slice(1) : short
    if (short === '') continue
    const read = pattern(cleaned, isReturn)
    if (typeof read === 'string' || cleaned === '' || (isReturn && cleaned === '/')) {
      const why = typeof read === 'string' ? read : 'there is nothing behind the !'
      return { mistake: { line: index + 1, message: `the pattern ${JSON.stringify(written)} is not valid: ${why}` } }
    }
    patterns.push(read)
  }
  const folders = new Map<string, Results>()
  const resultsOf = (path: string): Results => {
    const known = folders.get(path)
    if (known !== undefined) return known
    const results = match(path, patterns, folderOf(path) === undefined ? undefined : resultsOf(folderOf(path) ?? ''))
    folders.set(path, results)
    return results
  }
  return {
    ignores(path) {
      const folder = folderOf(path)
      return match(path, patterns, folder === undefined ? undefined : resultsOf(folder)).ignored
    },
    mayReturnBelow: (folder) =>
      patterns.some(({ isReturn, text: own }) => isReturn && reaches(own.split('/'), folder.split('/'))),
  }
}

/** The shortest path with the same meaning, without the slash in front of it. */
function clean(written: string): string {
  if (written === '') return ''
  const short = posix.normalize(written)
  const bare = short.length > 1 && short.endsWith('/') ? short.slice(0, -1) : short
  return bare.length > 1 && bare.startsWith('/') ? bare.slice(1) : bare
}

function folderOf(path: string): string | undefined {
  const end = path.lastIndexOf('/')
  return end < 0 ? undefined : path.slice(0, end)
}

interface Results {
  readonly ignored: boolean
  /** For each pattern whether it matches the path or a folder above it. */
  readonly matched: readonly boolean[]
}

function match(path: string, patterns: readonly Pattern[], above: Results | undefined): Results {
  let ignored = false
  const matched = patterns.map((each, index) => {
    if (above?.matched[index]) {
      ignored = !each.isReturn
      return true
    }
    // Only a pattern that would change the result is asked, and again further down.
    if (each.isReturn !== ignored) return false
    if (!each.matches(path)) return false
    ignored = !each.isReturn
    return true
  })
  return { ignored, matched }
}

/**
 * Whether a path below `folder` may match the pattern. Wildcards count as a match: an unnecessary visit costs little.
 */
function reaches(parts: readonly string[], folder: readonly string[]): boolean {
  for (const [index, name] of folder.entries()) {
    const part = parts[index]
    if (part === undefined) return false
    if (part.includes('**')) return true
    if (part !== name && !/[*?[\\]/.test(part)) return false
  }
  return parts.length > folder.length
}
