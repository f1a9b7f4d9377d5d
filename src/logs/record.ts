import type { RawLine } from '../lib/lines.ts'
import { bytes as inUnits } from '../lib/text.ts'

/** One line that a container wrote. */
export interface LogLine {
  readonly service: string
  readonly pod: string
  readonly container: string
  /** RFC 3339 with up to nine digits after the second, as the container runtime stamped it. */
  readonly time: string
  readonly text: string
}

/** A line with its time in a form that sorts: seconds since 1970 and nine digits, both of fixed width. */
export interface StampedLine {
  readonly key: string
  readonly time: string
  readonly text: string
}

/** Longer lines are cut, and say so: a service that prints its database in one line must not fill devk's memory. */
export const longestLine = 64 * 1024

const stampPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/

/** The sortable form of an RFC 3339 time; undefined for anything else. Go leaves zeros at the end of the fraction out. */
export function sortKey(time: string): string | undefined {
  const match = stampPattern.exec(time)
  if (!match) return undefined
  const seconds = Date.parse(`${match[1]}${match[3]}`) / 1000
  if (Number.isNaN(seconds)) return undefined
  return `${String(seconds).padStart(11, '0')}.${(match[2] ?? '').padEnd(9, '0')}`
}

/**
 * Takes the time stamp off a line of the log API. undefined for a line without one: the kubelet mixes its own messages in
 * ("unable to retrieve container logs"), which no container wrote.
 */
export function parseLine({ bytes, cut }: RawLine): StampedLine | undefined {
  const space = bytes.indexOf(32)
  const time = bytes.toString('latin1', 0, space === -1 ? bytes.length : space)
  const key = sortKey(time)
  if (key === undefined) return undefined
  // A line that was cut may end within a character.
  const text = space === -1 ? '' : bytes.toString('utf8', space + 1).replace(/\r$/, '')
  return { key, time, text: cut > 0 ? `${text.replace(/\uFFFD$/, '')} … (${inUnits(cut)} more)` : text }
}
