import type { UiLine } from '../src/commands/ui/api.ts'
import { type Fields, fieldFor, fieldsOf, plainText, traceIn } from './log-fields.ts'

/** How important a line is. */
export type Level = 'error' | 'warning' | 'info' | 'debug'

/** Levels, the most important one first. */
export const levels: readonly Level[] = ['error', 'warning', 'info', 'debug']

/** A line in the page. */
export interface ShownLine extends UiLine {
  /** Unique in this page. */
  readonly id: number
  /** Who wrote it. Its lines belong together. */
  readonly stream: string
}

/** Who wrote a line: its container, or the program of this machine. */
export const originOf = ({ pod, container, service }: UiLine): string =>
  pod === undefined ? service : `${pod}/${container}`

/** What is read out of a line when it is needed: for those that are seen, and for those that a filter looks into. */
interface Reading {
  /** Undefined if the line is plain text. */
  readonly fields: Fields | undefined
  readonly level: Level
}

const words: readonly (readonly [RegExp, Level])[] = [
  [/\b(?:error|fatal|critical|crit|d?panic|emerg|alert|exception|traceback)\b/i, 'error'],
  [/\b(?:warn|warning)\b/i, 'warning'],
  [/\b(?:debug|trace|verbose)\b/i, 'debug'],
]

/** How far into a plain line its level stands. */
const head = 300
const readings = new WeakMap<UiLine, Reading>()

function readingOf(line: UiLine): Reading {
  const known = readings.get(line)
  if (known !== undefined) return known
  const fields = fieldsOf(line.text)
  const field = fields === undefined ? undefined : fieldFor(fields, 'level')
  const level = field === undefined ? levelOfText(line.text) : levelOfField(...field)
  const reading = { fields, level }
  readings.set(line, reading)
  return reading
}

/** The fields of a line; undefined if it is plain text. A line is read once. */
export const fieldsIn = (line: UiLine): Fields | undefined => readingOf(line).fields

/** The level of a line: that of its field, or what its first words say. A line is read once. */
export const levelOf = (line: UiLine): Level => readingOf(line).level

/** A field `level` or `severity`, a letter of klog, or the first word that names a level. Pure. */
function levelOfText(line: string): Level {
  const text = plainText(line.slice(0, head))
  const field = /["']?\b(?:level|severity|lvl)["']?\s*[:=]\s*["']?(\w+)/i.exec(text)
  const klog = /^([EFWID])\d{4} /.exec(text)?.[1]
  if (field?.[1] !== undefined) return levelOfField('level', field[1])
  if (klog !== undefined) return levelOfField('level', klog)
  return words.find(([word]) => word.test(text))?.[1] ?? 'info'
}

/** The level that a field names, by a word, its first letters or a number. Pure. */
function levelOfField(name: string, value: string): Level {
  if (/^\d+$/.test(value)) return levelOfNumber(Number(value), /number$/i.test(name))
  if (/^(?:[ef]$|err|fatal|crit|d?panic|emerg|alert|severe)/i.test(value)) return 'error'
  if (/^(?:w$|warn)/i.test(value)) return 'warning'
  return /^(?:[dtv]$|debug|trace|verb|fine|silly)/i.test(value) ? 'debug' : 'info'
}

/** OpenTelemetry counts to 24; pino and bunyan in steps of ten; syslog down from 7, the least important one. Pure. */
function levelOfNumber(value: number, isOpenTelemetry: boolean): Level {
  const [error, warning, info] = isOpenTelemetry ? [17, 13, 9] : [50, 40, 30]
  if (!isOpenTelemetry && value < 8) {
    return value < 4 ? 'error' : value === 4 ? 'warning' : value === 7 ? 'debug' : 'info'
  }
  return value >= error ? 'error' : value >= warning ? 'warning' : value >= info ? 'info' : 'debug'
}

/** The ID of the trace that a line belongs to: in a field, or 32 hexadecimal digits after its name. */
export function traceIdOf(line: UiLine): string | undefined {
  const fields = fieldsIn(line)
  const inField = fields === undefined ? undefined : traceIn(fieldFor(fields, 'trace')?.[1] ?? '')
  if (inField !== undefined) return inField
  const text = plainText(line.text)
  const named = /\btrace[_-]?id["']?\s*[:=]\s*["']?([0-9a-f]{32})\b/i
  const parent = /\btraceparent["']?\s*[:=]\s*["']?[0-9a-f]{2}-([0-9a-f]{32})-/i
  return traceIn((named.exec(text) ?? parent.exec(text))?.[1] ?? '')
}

/** The newest lines, at most `most`. When some have to go, a tenth goes, so that this is rare. Pure. */
export function appended<T>(lines: readonly T[], more: readonly T[], most: number): T[] {
  const all = [...lines, ...more]
  return all.length <= most ? all : all.slice(all.length - Math.floor(most * 0.9))
}
