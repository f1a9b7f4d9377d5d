import { type Fields, fieldFor } from './log-fields.ts'
import type { Entry } from './log-folds.ts'
import { fieldsIn, type ShownLine } from './log-lines.ts'

/** What the list of lines shows. Everything here is pure. */

/** A row below a line that is open: a field, or a line of a stack trace. */
export interface Detail {
  readonly line: ShownLine
  /** Unique in this page. */
  readonly key: string
  /** The field that begins here. */
  readonly field: { readonly name: string; readonly value: string } | undefined
  readonly text: string
}

/** A row of the list. */
export type Row = Entry | Detail

/** How many rows an open line has, and how many names can be chosen from. */
const mostDetails = 2000
const mostNames = 200
/** How many of the newest lines the names are taken from. */
const looked = 300

/** The rows of these entries; those in `open`, by the ID of their first lines, show everything. */
export function rowsOf(entries: readonly Entry[], open: ReadonlySet<number>): readonly Row[] {
  if (open.size === 0) return entries
  return entries.flatMap((entry): Row[] => (open.has(entry.line.id) ? [entry, ...detailsOf(entry)] : [entry]))
}

function detailsOf({ line, rest }: Entry): Detail[] {
  const fields = [...(fieldsIn(line) ?? [])].flatMap(([name, value]) =>
    value.split(/\r?\n/).map((text, index) => ({ field: index === 0 ? { name, value } : undefined, text })),
  )
  const lines = rest.map(({ text }) => ({ field: undefined, text }))
  return [...fields, ...lines]
    .slice(0, mostDetails)
    .map((each, index) => ({ line, key: `${line.id}.${index}`, ...each }))
}

/** How many more lines a line has: of its stack trace, or within its fields. */
export function moreOf({ line, rest }: Entry): number {
  const inFields = [...(fieldsIn(line)?.values() ?? [])].map((value) => value.split('\n').length - 1)
  return inFields.reduce((sum, more) => sum + more, rest.length)
}

/** What a line says, without its fields: its message, or all of it. */
export function messageOf({ text }: ShownLine, fields: Fields | undefined): string {
  const message = (fields === undefined ? undefined : fieldFor(fields, 'message')?.[1]) ?? text
  const end = message.indexOf('\n')
  return end < 0 ? message : `${message.slice(0, end).trimEnd()} …`
}

/** The fields of the newest lines that can become columns, in the order of the alphabet. */
export function namesOf(entries: readonly Entry[]): string[] {
  const names = new Set<string>()
  for (const { line } of entries.slice(-looked)) {
    for (const name of fieldsIn(line)?.keys() ?? []) if (names.size < mostNames) names.add(name)
  }
  return [...names].sort()
}
