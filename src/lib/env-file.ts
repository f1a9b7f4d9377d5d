/** A mistake in a .env file. The message never contains a value. */
export interface EnvMistake {
  readonly line: number
  readonly message: string
}

/** Variables by name, in the order of the file; or the first mistake. */
export type EnvFile = { readonly values: Readonly<Record<string, string>> } | { readonly mistake: EnvMistake }

/**
 * Reads a .env file as Docker Compose does, except that `$` never refers to another variable: a password may hold it.
 * Refuses what Compose drops silently: text behind a closing quote, and a name without a value, which Compose takes
 * from the environment.
 * Rules: https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax
 */
export function readEnvFile(text: string): EnvFile {
  const whole = text.replace(/^\uFEFF/, '')
  const values = new Map<string, string>()
  let rest = whole
  const mistake = (at: string, message: string) => ({
    mistake: { line: whole.slice(0, whole.length - at.length).split('\n').length, message },
  })
  const broken = whole.indexOf('\uFFFD')
  if (broken >= 0) return mistake(whole.slice(broken), 'the line is not UTF-8: save the file as UTF-8')
  for (;;) {
    rest = rest.trimStart()
    if (rest === '') return { values: Object.fromEntries(values) }
    if (rest.startsWith('#')) {
      rest = rest.slice(lineOf(rest).length)
      continue
    }
    const [assignment, name = ''] = /^(?:export[^\S\n]+)?([\w.-]+)[^\S\n]*[=:][^\S\n]*/.exec(rest) ?? []
    if (assignment === undefined) return mistake(rest, notAnAssignment(lineOf(rest).trimEnd()))
    const value = rest.slice(assignment.length)
    const quote = value[0]
    const read = quote === '"' || quote === "'" ? quoted(value, quote) : plain(value)
    if (typeof read === 'string') return mistake(rest, `the value of ${name} ${read}`)
    values.set(name, read.value)
    rest = read.rest
  }
}

interface Read {
  readonly value: string
  readonly rest: string
}

function lineOf(text: string): string {
  const end = text.indexOf('\n')
  return end < 0 ? text : text.slice(0, end)
}

function notAnAssignment(line: string): string {
  const [, name = '', sign] = /^(?:export\s+)?([^=:]*?)\s*([=:]|$)/.exec(line) ?? []
  if (sign) return `${JSON.stringify(name)} is not a name: use letters, digits, "_", "-" and "."`
  return 'the line has no "=": write NAME=value, and put a value of several lines into quotes'
}

/** The value up to the end of the line. A comment begins at a # behind a space; elsewhere # belongs to the value. */
function plain(text: string): Read {
  const line = lineOf(text)
  const comment = line.indexOf(' #')
  return { value: (comment < 0 ? line : line.slice(0, comment)).trimEnd(), rest: text.slice(line.length) }
}

/** The value up to the closing quote, which may be on a later line; or what is wrong with it. */
function quoted(text: string, quote: '"' | "'"): Read | string {
  let end = 1
  while (end < text.length && text[end] !== quote) end += text[end] === '\\' ? 2 : 1
  if (end >= text.length) return 'has no closing quote'
  const rest = text.slice(end + 1)
  const behind = lineOf(rest).trimStart()
  if (behind !== '' && !behind.startsWith('#')) return 'goes on behind the closing quote: put all of it into the quotes'
  const value = text.slice(1, end).replaceAll(`\\${quote}`, quote)
  return { value: quote === '"' ? unescaped(value) : value, rest }
}

const escapes: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ $: '$', '"': '"', '\\': '\\' },
}

/** Octal escapes have three digits, as in Compose. Other escapes stay as they are: `C:\path`. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(?:([abfnrtv$"\\])|0(\d{0,3}))/g, (_whole, letter?: string, digits = '') => {
    if (letter !== undefined) return escapes[letter] ?? letter
    return /^[0-3][0-7]{2}$/.test(digits) ? String.fromCodePoint(Number.parseInt(digits, 8)) : `\\${digits}`
  })
}
