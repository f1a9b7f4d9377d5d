import type { RawLine } from '../lib/streams/lines.ts'
import { count, bytes as inUnits } from '../lib/text.ts'

/** One line of a container's output. */
export interface LogLine {
  readonly service: string
  readonly pod: string
  readonly container: string
  /** The pod has several containers, so that the service alone does not tell who wrote the line. */
  readonly several?: true
  /** RFC 3339 with up to nine digits after the second, as the container runtime stamped it. */
  readonly time: string
  readonly text: string
  /** The line stands for this many lines, which came while nobody read them. */
  readonly dropped?: number
}

/** What a line says that stands for dropped ones. */
export function droppedText(lines: number): string {
  return `… ${count(lines, 'line')} dropped, because the output was not read`
}

/** A line with a key that sorts by time: seconds since 1970 and nine decimal digits, both of fixed width. */
export interface StampedLine {
  readonly key: string
  readonly time: string
  readonly text: string
}

/** Longer lines are cut (bytes), and say so: one huge line of a service must not fill devk's memory. */
export const longestLine = 64 * 1024

const stampPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/

/**
 * The sort key of an RFC 3339 time; undefined for anything else. Go omits trailing zeros of the fraction, so it is
 * padded.
 */
export function sortKey(time: string): string | undefined {
  const match = stampPattern.exec(time)
  if (!match) return undefined
  const seconds = Date.parse(`${match[1]}${match[3]}`) / 1000
  if (Number.isNaN(seconds)) return undefined
  return `${String(seconds).padStart(11, '0')}.${(match[2] ?? '').padEnd(9, '0')}`
}

/**
 * Splits a line of the log API into time stamp and text. undefined for a line without a time stamp: the kubelet writes
 * messages of its own into the log ("unable to retrieve container logs").
 */
export function parseLine({ bytes, cut }: RawLine): StampedLine | undefined {
  const space = bytes.indexOf(32)
  const time = bytes.toString('latin1', 0, space === -1 ? bytes.length : space)
  const key = sortKey(time)
  if (key === undefined) return undefined
  // A cut line may end in the middle of a character.
  const text = space === -1 ? '' : bytes.toString('utf8', space + 1).replace(/\r$/, '')
  return { key, time, text: cut > 0 ? `${text.replace(/\uFFFD$/, '')} … (${inUnits(cut)} more)` : text }
}
