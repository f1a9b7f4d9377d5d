import { plainText } from './log-fields.ts'
import { type Entry, linesOf } from './log-folds.ts'
import type { ShownLine } from './log-lines.ts'

/** What control characters of C0 and C1 do to a terminal, and what changes the direction of a text. */
const controls = /[^\P{Cc}\t]|[\u202a-\u202e\u2066-\u2069]/gu

/** The lines as a text that a terminal can show: time, service, pod if any, and what the line says, without colours. Pure. */
export function textOf(entries: readonly Entry[]): string {
  const lines = linesOf(entries).map(({ time, service, pod, text }) =>
    [time, service, ...(pod === undefined ? [] : [pod]), plainText(text)].join(' '),
  )
  return lines.map((line) => `${line.replace(controls, escaped)}\n`).join('')
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** The lines as JSON, an object a line, with the names that `devk logs --json` uses. Pure. */
export function jsonLinesOf(entries: readonly Entry[]): string {
  const shown = ({ id: _id, stream: _stream, ...line }: ShownLine) => `${JSON.stringify(line)}\n`
  return linesOf(entries).map(shown).join('')
}

/** The name of a file: `todo-logs-2026-11-30T01-10-00Z.txt`. Pure. */
export function fileName(project: string, now: Date, ending: string): string {
  const time = now.toISOString().replace(/\.\d+/, '').replaceAll(':', '-')
  return `${project.replace(/[^\w.-]+/g, '-').slice(0, 80)}-logs-${time}.${ending}`
}
