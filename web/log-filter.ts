import type { Entry } from './log-folds.ts'
import { fieldsIn, type Level, levelOf, levels, type ShownLine } from './log-lines.ts'

/** Which lines to show. */
export interface LineFilter {
  /** A regular expression, without regard to upper and lower case. */
  readonly pattern: string
  /** Only of this service; empty: of all. */
  readonly service: string
  /** Only this important ones and more. */
  readonly level: Level
  /** Only lines with these values in their fields. */
  readonly fields: readonly FieldValue[]
}

/** A field with its value. */
export interface FieldValue {
  readonly name: string
  readonly value: string
}

/** What lets everything through. */
export const noFilter: LineFilter = { pattern: '', service: '', level: 'debug', fields: [] }

/** A filter as a function, or why its pattern is none. A stack trace is shown whole, if one of its lines is. Pure. */
export function compile(filter: LineFilter): ((entry: Entry) => boolean) | { problem: string } {
  const { pattern, service, level, fields } = filter
  const least = levels.indexOf(level)
  const isImportant = (line: ShownLine) => level === 'debug' || levels.indexOf(levelOf(line)) <= least
  try {
    const expression = pattern === '' ? undefined : new RegExp(pattern, 'i')
    return ({ line, rest }) =>
      (service === '' || line.service === service) &&
      (isImportant(line) || rest.some(isImportant)) &&
      fields.every(({ name, value }) => fieldsIn(line)?.get(name) === value) &&
      (expression === undefined || expression.test(line.text) || rest.some(({ text }) => expression.test(text)))
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** The filter with this value too, or without it if it has it. Pure. */
export function toggled(filter: LineFilter, { name, value }: FieldValue): LineFilter {
  const others = filter.fields.filter((each) => each.name !== name || each.value !== value)
  const fields = others.length < filter.fields.length ? others : [...others, { name, value }]
  return { ...filter, fields }
}
