import { mask } from './mask.ts'
import type { ConfigPath, Position, SourceMap } from './problems.ts'

const identifier = /[A-Za-z_$][\w$]*/y
const number = /\d+/y

/**
 * Key positions in the object literal that a script exports. It follows literals only: what a spread, a call or a variable
 * contributes has no position. Anything it cannot follow to the end of the object gives an empty map.
 */
export function scanScript(text: string): SourceMap {
  const masked = mask(text)
  const positions = new Map<string, Position>()
  const duplicates: SourceMap['duplicates'][number][] = []
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)]
  const position = (offset: number): Position => {
    let line = lineStarts.findLastIndex((start) => start <= offset)
    if (line < 0) line = 0
    return { line: line + 1, column: offset - (lineStarts[line] ?? 0) + 1 }
  }
  const match = (pattern: RegExp, at: number) => {
    pattern.lastIndex = at
    return pattern.exec(masked)?.[0]
  }
  const skipSpace = (at: number) => at + (match(/\s*/y, at)?.length ?? 0)

  /** To the comma or bracket that ends the expression at `at`. */
  const skipExpression = (at: number): number => {
    let depth = 0
    for (let i = at; i < masked.length; i++) {
      const character = masked[i] ?? ''
      if (depth === 0 && ',)]}'.includes(character)) return i
      if ('([{'.includes(character)) depth++
      else if (')]}'.includes(character)) depth--
    }
    throw new Unfollowed()
  }
  const value = (at: number, path: ConfigPath): number => {
    const start = skipSpace(at)
    if (masked[start] === '{') return skipExpression(object(start, path))
    if (masked[start] === '[') return skipExpression(list(start, path))
    return skipExpression(start)
  }
  const next = (at: number, end: string): number => {
    if (masked[at] === ',') return skipSpace(at + 1)
    if (masked[at] === end) return at
    throw new Unfollowed()
  }
  const object = (open: number, path: ConfigPath): number => {
    const seen = new Set<string>()
    let at = skipSpace(open + 1)
    while (masked[at] !== '}') {
      const name = keyAt(at)
      if (name === undefined) {
        at = next(skipExpression(at), '}')
        continue
      }
      const child = [...path, name.key]
      const id = JSON.stringify(child)
      const here = position(at)
      const first = positions.get(id)
      if (seen.has(id) && first) duplicates.push({ path: child, first, again: here })
      seen.add(id)
      positions.set(id, here)
      const after = skipSpace(name.end)
      at = next(masked[after] === ':' ? value(after + 1, child) : skipExpression(after), '}')
    }
    return at + 1
  }
  const list = (open: number, path: ConfigPath): number => {
    let at = skipSpace(open + 1)
    for (let index = 0; masked[at] !== ']'; index++) {
      const child = [...path, index]
      positions.set(JSON.stringify(child), position(at))
      at = next(value(at, child), ']')
    }
    return at + 1
  }
  const keyAt = (at: number): { key: string; end: number } | undefined => {
    const quote = masked[at]
    if (quote === "'" || quote === '"') {
      const close = masked.indexOf(quote, at + 1)
      return { key: text.slice(at + 1, close), end: close + 1 }
    }
    const plain = match(identifier, at) ?? match(number, at)
    return plain === undefined ? undefined : { key: plain, end: at + plain.length }
  }

  try {
    const root = exportedObject(masked)
    if (root !== undefined) object(root, [])
  } catch (error) {
    if (!(error instanceof Unfollowed)) throw error
    return { find: () => undefined, duplicates: [] }
  }
  return { find: (path) => positions.get(JSON.stringify(path)), duplicates }
}

/** The text is not what this light scanner understands; it never leaves this file. */
class Unfollowed extends Error {}

/** Offset of the `{` of `export default {`, `export default defineConfig({`, `module.exports = {`, or of the variable exported so. */
function exportedObject(masked: string): number | undefined {
  const start = /(?:export\s+default|module\.exports\s*=)\s+(?:defineConfig\s*\(\s*)?(?:\{|([A-Za-z_$][\w$]*))/.exec(
    masked,
  )
  if (start === null) return undefined
  const variable = start[1]
  if (variable === undefined) return start.index + start[0].length - 1
  const declared = new RegExp(
    `(?:const|let|var)\\s+${variable.replaceAll('$', '\\$')}\\b[^={]*=\\s*(?:defineConfig\\s*\\(\\s*)?\\{`,
  )
  const found = declared.exec(masked)
  return found === null ? undefined : found.index + found[0].length - 1
}
