import type { Proposal } from './propose/propose.ts'

/** The text of a proposal, with what is open, what was decided and why as comments. Pure. */
export function proposalText({ config, notes, remarks, reasons }: Proposal): string {
  return configText(config, [...notes, ...remarks], reasons)
}

/** Comments of services, by their names. */
export type Reasons = Readonly<Record<string, readonly string[]>>

/**
 * A configuration as TypeScript, with the notes and reasons as comments. What fits into a line of 120 characters is on
 * one line. Pure.
 */
function configText(config: object, notes: readonly string[], reasons: Reasons = {}): string {
  const body = `export default defineConfig(${written(config, { level: 0, path: '' }, reasons)})\n`
  const comments = notes.flatMap((note) => commentLines(note, '')).join('')
  return `import { defineConfig } from 'devk'\n\n${comments}${body}`
}

/** A comment of lines that fit. A line break in a note would end the comment. */
function commentLines(text: string, pad: string): string[] {
  const lines: string[] = ['']
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && pad.length + last.length + word.length > 115) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.map((line) => `${pad}// ${line}\n`)
}

interface Place {
  readonly level: number
  /** Keys from the top: `services.api`. */
  readonly path: string
}

function written(value: unknown, { level, path }: Place, reasons: Reasons): string {
  const short = flat(value)
  const commented = path === 'services' && Object.keys(reasons).length > 0
  // The top level always has one line for each key.
  if (level > 0 && !commented && short.length + level * 2 < 100) return short
  const pad = '  '.repeat(level + 1)
  const end = '  '.repeat(level)
  if (Array.isArray(value)) {
    const items = value.map((each) => `${pad}${written(each, { level: level + 1, path: '' }, reasons)},\n`)
    return `[\n${items.join('')}${end}]`
  }
  if (typeof value !== 'object' || value === null) return short
  const lines = Object.entries(value).map(([key, each]) => {
    const own = path === 'services' ? (reasons[key] ?? []) : []
    const inner = { level: level + 1, path: path === '' ? key : `${path}.${key}` }
    const comments = own.flatMap((reason) => commentLines(reason, pad)).join('')
    return `${comments}${pad}${keyText(key)}: ${written(each, inner, reasons)},\n`
  })
  return `{\n${lines.join('')}${end}}`
}

function flat(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(flat).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const pairs = Object.entries(value).map(([key, each]) => `${keyText(key)}: ${flat(each)}`)
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key)
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
}
