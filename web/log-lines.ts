import type { UiLine } from '../src/commands/ui/api.ts'

/** How important a line is. */
export type Level = 'error' | 'warning' | 'info' | 'debug'

/** Levels, the most important one first. */
export const levels: readonly Level[] = ['error', 'warning', 'info', 'debug']

/** A line in the page. */
export interface ShownLine extends UiLine {
  /** Unique in this page. */
  readonly id: number
  readonly level: Level
}

/** Which lines to show. */
export interface LineFilter {
  /** A regular expression, without regard to upper and lower case. */
  readonly pattern: string
  /** Only of this service; empty: of all. */
  readonly service: string
  /** Only this important ones and more. */
  readonly level: Level
}

const words: readonly (readonly [RegExp, Level])[] = [
  [/\b(?:error|fatal|critical|crit|panic|emerg|alert|exception|traceback)\b/i, 'error'],
  [/\b(?:warn|warning)\b/i, 'warning'],
  [/\b(?:debug|trace|verbose)\b/i, 'debug'],
]

/** How far into a line its level stands. */
const head = 300
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours in logs begin with ESC
const colours = /\u001b\[[0-9;]*m/g

/** The level of a line: a field `level` or `severity`, a letter of klog, or the first word that names one. Pure. */
export function levelOf(line: string): Level {
  const text = line.slice(0, head).replace(colours, '')
  const field = /["']?\b(?:level|severity|lvl)["']?\s*[:=]\s*["']?(\w+)/i.exec(text)?.[1]
  const klog = /^([EFWID])\d{4} /.exec(text)?.[1]
  if (klog !== undefined) return klog === 'W' ? 'warning' : klog === 'E' || klog === 'F' ? 'error' : 'info'
  return words.find(([word]) => word.test(field ?? text))?.[1] ?? 'info'
}

/** The ID of the trace that a line belongs to: 32 hexadecimal digits after its name, or in a `traceparent`. Pure. */
export function traceIdOf(line: string): string | undefined {
  const named = /\btrace[_-]?id["']?\s*[:=]\s*["']?([0-9a-f]{32})\b/i
  const parent = /\btraceparent["']?\s*[:=]\s*["']?[0-9a-f]{2}-([0-9a-f]{32})-/i
  const text = line.replace(colours, '')
  return (named.exec(text) ?? parent.exec(text))?.[1]?.toLowerCase()
}

/** A filter as a function, or why its pattern is none. Pure. */
export function compile({ pattern, service, level }: LineFilter): ((line: ShownLine) => boolean) | { problem: string } {
  const least = levels.indexOf(level)
  try {
    const expression = pattern === '' ? undefined : new RegExp(pattern, 'i')
    return (line) =>
      (service === '' || line.service === service) &&
      levels.indexOf(line.level) <= least &&
      (expression === undefined || expression.test(line.text))
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** The newest lines, at most `most`. When some have to go, a tenth goes, so that this is rare. Pure. */
export function appended<T>(lines: readonly T[], more: readonly T[], most: number): T[] {
  const all = [...lines, ...more]
  return all.length <= most ? all : all.slice(all.length - Math.floor(most * 0.9))
}
