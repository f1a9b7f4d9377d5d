/** One pattern of a .dockerignore file. */
export interface Pattern {
  /** Without `!`. */
  readonly text: string
  /** Whether it began with `!`. */
  readonly isReturn: boolean
  matches(path: string): boolean
}

/**
 * Compiles a pattern as moby's matcher does, on which BuildKit builds: `*`, `?` and `[…]` within a name, `**` over
 * folders, `\` before a character that stands for itself. Returns what is wrong with it instead, if anything is.
 */
export function pattern(text: string, isReturn: boolean): Pattern | string {
  const problem = mistakeIn(text)
  if (problem !== undefined) return problem
  if (!/[*?[\]\\]/.test(text)) return { text, isReturn, matches: (path) => path === text }
  const simple = doubleStarAtOneEnd(text)
  if (simple !== undefined) return { text, isReturn, matches: simple }
  try {
    const expression = new RegExp(expressionOf(text), 'u')
    return { text, isReturn, matches: (path) => expression.test(path) }
  } catch {
    return 'a range in brackets is not in order, or a backslash stands before a letter'
  }
}

/** `**` in front stands for any beginning, and at the end for any end, also within a name. */
function doubleStarAtOneEnd(text: string): Pattern['matches'] | undefined {
  const isPlain = (part: string) => !/[*?[\]\\]/.test(part)
  if (text.startsWith('**') && isPlain(text.slice(2))) {
    const end = text.slice(2)
    return (path) => path.endsWith(end) || (end.startsWith('/') && path === end.slice(1))
  }
  if (text.endsWith('**') && isPlain(text.slice(0, -2))) {
    const begin = text.slice(0, -2)
    return (path) => path.startsWith(begin)
  }
  return undefined
}

/** The regular expression of a pattern. A class reaches from `[` to the next `]`. */
function expressionOf(text: string): string {
  let result = '^'
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at)
    const [stars] = /^\*\*\/?/.exec(rest) ?? []
    const [group] = /^\[\^?(?:\\.|[^\]\\])*\]/s.exec(rest) ?? []
    if (stars !== undefined) {
      result += stars.length === rest.length ? '[^\\n]*' : '(?:[^\\n]*\\/)?'
      at += stars.length
    } else if (group !== undefined) {
      result += classOf(group)
      at += group.length
    } else if (rest.startsWith('\\')) {
      const character = String.fromCodePoint(rest.codePointAt(1) ?? 0)
      result += escaped(character)
      at += 1 + character.length
    } else {
      const [character = ''] = /^\{\d+(,\d*)?\}/.exec(rest) ?? rest.match(/^./su) ?? []
      result += unescaped(character)
      at += character.length
    }
  }
  return `${result}$`
}

function literal(character: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character
}

/** moby passes `^`, `|` and counts in braces on to its regular expressions, where they keep their meaning. */
function unescaped(character: string): string {
  if (character === '*') return '[^/]*'
  if (character === '?') return '[^/]'
  return /^([\^|]|\{.+)$/.test(character) ? character : literal(character)
}

/** moby passes the backslash on as well: before a letter it is an escape of regular expressions. */
function escaped(character: string): string {
  if (/^[dDsSwWbBtnrfv]$/.test(character)) return `\\${character}`
  if (/[a-zA-Z0-9]/.test(character) || (character.codePointAt(0) ?? 0) > 0x7f) throw new SyntaxError(`\\${character}`)
  return literal(character)
}

function classOf(group: string): string {
  const inner = group.slice(1, -1).replaceAll(/\\(.)|([[/])/gsu, (_whole, symbol?: string, plain?: string) => {
    if (symbol === '-') return '\\-'
    return symbol === undefined ? literal(plain ?? '') : escaped(symbol)
  })
  return `[${inner}]`
}

/** What Go's path.Match refuses: an open or empty class, a range without an end, a backslash before nothing. */
function mistakeIn(text: string): string | undefined {
  const characters = [...text]
  let at = 0
  const single = (): boolean => {
    if (characters[at] === undefined || characters[at] === '-' || characters[at] === ']') return false
    if (characters[at] === '\\') at += 1
    at += 1
    return at < characters.length
  }
  while (at < characters.length) {
    const character = characters[at]
    at += 1
    if (character === '\\') {
      if (characters[at] === undefined) return 'a backslash stands in front of nothing'
      at += 1
    } else if (character === '[') {
      if (characters[at] === '^') at += 1
      for (let ranges = 0; !(characters[at] === ']' && ranges > 0); ranges += 1) {
        if (!single()) return 'a [ has no matching ]; write \\[ for the bracket itself'
        if (characters[at] !== '-') continue
        at += 1
        if (!single()) return 'a range in brackets has no end; write \\- for the hyphen itself'
      }
      at += 1
    }
  }
  return undefined
}
