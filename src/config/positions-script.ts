import { mask } from './mask.ts'
import type { ConfigPath, Position, SourceMap } from './problems.ts'

const identifier = /[A-Za-z_$][\w$]*/y
const number = /\d+/y

/**
 * Finds the positions of the keys in the object literal that a script exports. It reads literals only: keys that come
 * from a spread, a call or a variable have no position. Returns an empty map if it cannot read the whole object. Pure.
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

  /** The offset of the comma or bracket that ends the expression at `at`. */
  const skipExpression = (at: number): number => {
    let depth = 0
    for (let i = at; i < masked.length; i++) {
      const character = masked[i] ?? ''
      if (depth === 0 && ',)]}'.includes(character)) return i
      if ('([{'.includes(character)) depth++
      else if (')]}'.includes(character)) depth--
    }
    throw new UnsupportedSyntax()
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
    throw new UnsupportedSyntax()
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
    if (!(error instanceof UnsupportedSyntax)) throw error
    return { find: () => undefined, duplicates: [] }
  }
  return { find: (path) => positions.get(JSON.stringify(path)), duplicates }
}

/** The scanner cannot read the text. Never thrown to a caller. */
class UnsupportedSyntax extends Error {}

/**
 * Offset of the `{` in `export default {`, `export default defineConfig({` or `module.exports = {`, or in the
 * declaration of a variable that is exported in one of these ways.
 */
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
