import { moment } from './moment.ts'

/**
 * The text `value` with the random parts of `current`. Random is what differs between `value` and `other`, two
 * renderings of one text. If `current` has other fixed parts, because the chart or its values changed, only the lines
 * that are still in it are kept. Pure.
 */
export function keptText(value: string, other: string, current: string): string {
  if (patternOf(value, other).test(current)) return current
  const [lines, others] = [chunks(value), chunks(other)]
  if (lines.length !== others.length || lines.length === 1) return value
  const unused = chunks(current)
  return lines
    .map((line, i) => {
      const twin = others[i] ?? line
      if (line === twin) return line
      const pattern = patternOf(line, twin)
      const found = unused.findIndex((candidate) => pattern.test(candidate))
      return found < 0 ? line : (unused.splice(found, 1)[0] ?? line)
    })
    .join('')
}

/** The lines of a text. A certificate or key in PEM is one of them. */
function chunks(text: string): string[] {
  return text.match(/[ \t]*-----BEGIN [^-]+-----[^-]*-----END [^-]+-----\n?|[^\n]*\n|[^\n]+$/g) ?? []
}

const word = '[A-Za-z0-9]+'
const words = new RegExp(`(${moment}|${word})`)

/** Matches every text with the same fixed parts as `a` and `b`. A date is random as a whole. */
function patternOf(a: string, b: string): RegExp {
  const [parts, others] = [a.split(words), b.split(words)]
  const sameShape = parts.length === others.length && parts.every((part, i) => i % 2 === 1 || part === others[i])
  if (sameShape) {
    const random = (part: string) => (/\W/.test(part) ? moment : word)
    return new RegExp(`^${parts.map((part, i) => (part === others[i] ? escaped(part) : random(part))).join('')}$`)
  }
  // A password with other characters than letters and digits, or text of another length: fixed is what is before and
  // after it. A random part may begin or end with the same letters by chance, so that only whole words count.
  const start = /^[\s\S]*[^A-Za-z0-9]|^/.exec(a.slice(0, commonStart(a, b)))?.[0] ?? ''
  const rest = (text: string) => text.slice(start.length)
  const end = /[^A-Za-z0-9][\s\S]*$|$/.exec(rest(a).slice(rest(a).length - commonEnd(rest(a), rest(b))))?.[0] ?? ''
  return new RegExp(`^${escaped(start)}[\\s\\S]+${escaped(end)}$`)
}

function commonStart(a: string, b: string): number {
  let length = 0
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length++
  return length
}

function commonEnd(a: string, b: string): number {
  let length = 0
  while (length < Math.min(a.length, b.length) && a.at(-1 - length) === b.at(-1 - length)) length++
  return length
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}
