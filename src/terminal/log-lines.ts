import { colors } from '../lib/colors.ts'
import type { LogLine } from '../logs/record.ts'

/** A line of a container, or of a program of this machine. */
type Line = Pick<LogLine, 'service' | 'time' | 'text'> & Partial<LogLine>

/**
 * Returns a function that formats one log line: the service in its own colour, the container where its pod has several,
 * and the text; or one JSON object.
 */
export function logFormatter(options: {
  readonly color: boolean
  readonly json: boolean
  readonly services: readonly string[]
}) {
  const { color, json, services } = options
  const paint = colors(color)
  const palette = [paint.cyan, paint.magenta, paint.green, paint.yellow, paint.blue]
  const width = Math.max(0, ...services.map((name) => name.length))
  return (line: Line): string => {
    const { several, ...record } = line
    if (json) return `${JSON.stringify(record)}\n`
    const at = services.indexOf(line.service)
    const hue = palette[Math.max(0, at) % palette.length] ?? paint.cyan
    const container = several ? ` ${paint.dim(line.container ?? '')}` : ''
    return `${hue(line.service.padEnd(width))}${container} ${line.text}\n`
  }
}
