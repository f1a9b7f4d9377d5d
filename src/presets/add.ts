import { extname } from 'node:path'
import { mask } from '../config/mask.ts'
import { sourceMap } from '../config/positions.ts'
import type { Position } from '../config/problems.ts'
import { withListItem } from '../lib/yaml-edit.ts'

/** What is added to `presets`: a name, a folder, or a description. */
export type PresetEntry = string | Readonly<Record<string, unknown>>

/**
 * Adds a preset to the list `presets` in the text of a configuration file, and makes the list if there is none.
 * Comments stay. Returns undefined if the text has no literal that can be extended safely. Pure.
 */
export function withPreset(file: string, text: string, entry: PresetEntry): string | undefined {
  const extension = extname(file)
  if (extension === '.yaml' || extension === '.yml') return withListItem(text, ['presets'], entry)
  const map = sourceMap(file, text)
  const isJson = extension === '.json'
  const written = isJson ? JSON.stringify(entry) : scriptText(entry, text)
  const list = map.find(['presets'])
  if (list !== undefined) return extended(text, offsetOf(text, list), { written, isJson })
  const name = map.find(['name'])
  return name === undefined
    ? undefined
    : withList(text, offsetOf(text, name), isJson ? '"presets"' : 'presets', written)
}

/** An entry as a script writes it, on one line. Pure. */
export function scriptText(entry: unknown, around = ''): string {
  if (typeof entry === 'string') {
    const plain = JSON.stringify(entry)
    const isDouble = (around.match(/"/g)?.length ?? 0) > (around.match(/'/g)?.length ?? 0)
    return isDouble ? plain : `'${plain.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
  }
  if (Array.isArray(entry)) return `[${entry.map((item) => scriptText(item, around)).join(', ')}]`
  if (typeof entry !== 'object' || entry === null) return JSON.stringify(entry)
  const fields = Object.entries(entry).map(([key, value]) => {
    const name = /^[a-zA-Z_$][\w$]*$/.test(key) ? key : scriptText(key, around)
    return `${name}: ${scriptText(value, around)}`
  })
  return `{ ${fields.join(', ')} }`
}

function offsetOf(text: string, { line, column }: Position): number {
  const before = text.split('\n').slice(0, line - 1)
  return before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1
}

/** Adds an item to the list that is written after the key at `start`. */
function extended(
  text: string,
  start: number,
  { written, isJson }: { readonly written: string; readonly isJson: boolean },
): string | undefined {
  const code = mask(text)
  const open = /^(?:[\w$]+|'x*'|"x*")\s*:\s*\[/.exec(code.slice(start))
  if (open === null) return undefined
  const first = start + open[0].length
  const close = endOf(code, first)
  // A value such as [...].filter(…) is computed.
  if (close === undefined || !/^\]\s*[,}]/.test(code.slice(close))) return undefined
  const last = first + code.slice(first, close).trimEnd().length
  if (last === first)
    return `${text.slice(0, first)}${written}${text.slice(code.slice(first, close).includes('\n') ? first : close)}`
  const hasComma = code[last - 1] === ','
  const comma = hasComma ? '' : ','
  const indent = /\n([^\S\n]*)\S/.exec(text.slice(first, close))?.[1]
  if (indent === undefined) return `${text.slice(0, last)}${comma} ${written}${text.slice(last)}`
  const lineEnd = text.indexOf('\n', last)
  const end = lineEnd < 0 || lineEnd > close ? last : lineEnd
  const item = `\n${indent}${written}${hasComma && !isJson ? ',' : ''}`
  return `${text.slice(0, last)}${comma}${text.slice(last, end)}${item}${text.slice(end)}`
}

/** Adds the list after the entry whose key is at `start`. */
function withList(text: string, start: number, key: string, written: string): string | undefined {
  const code = mask(text)
  const end = endOf(code, start, ',')
  if (end === undefined) return undefined
  const last = start + code.slice(start, end).trimEnd().length
  const indent = /(?:^|\n)([^\S\n]*)$/.exec(text.slice(0, start))?.[1]
  const gap = indent === undefined ? ' ' : `\n${indent}`
  return `${text.slice(0, last)},${gap}${key}: [${written}]${text.slice(last)}`
}

/** The offset of the bracket that ends what `start` is in, or of the character `stop` at the same depth. */
function endOf(code: string, start: number, stop?: string): number | undefined {
  let depth = 0
  for (let i = start; i < code.length; i++) {
    const character = code[i] ?? ''
    if (depth === 0 && (character === stop || ')]}'.includes(character))) return i
    if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character)) depth--
  }
  return undefined
}
