import type { Writable } from 'node:stream'

const esc = '\u001b'
/** Control characters of C0 and C1, and the characters that change the direction of text. */
const controls = String.raw`[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]`
const suspicious = new RegExp(controls, 'u')
const everyControl = new RegExp(controls, 'gu')
/** Codes of colors, the ends of lines on Windows, and everything else that is not just text. */
const sequences = new RegExp(String.raw`${esc}\[([0-9;:]*)m|(\r+)(?=\n)|${controls}`, 'gu')
const reset = `${esc}[0m`

/**
 * The code that ends each group of codes, as in "Select Graphic Rendition" of ECMA-48. Blinking and hidden text are not
 * among them.
 */
const endings: readonly { readonly end: number; readonly starts: (code: number) => boolean }[] = [
  { end: 22, starts: (code) => code === 1 || code === 2 },
  { end: 23, starts: (code) => code === 3 },
  { end: 24, starts: (code) => code === 4 || code === 21 },
  { end: 27, starts: (code) => code === 7 },
  { end: 29, starts: (code) => code === 9 },
  { end: 39, starts: (code) => (code >= 30 && code <= 38) || (code >= 90 && code <= 97) },
  { end: 49, starts: (code) => (code >= 40 && code <= 48) || (code >= 100 && code <= 107) },
]

/**
 * Text that a terminal shows and does not obey: colors and styles stay, and end with their line; every other control
 * character is shown as `\u001b`, its escape in JSON, so that JSON stays JSON. Line breaks and tabs stay. Pure.
 */
export function safeText(text: string): string {
  if (!suspicious.test(text)) return text
  return text
    .split(/(?<=\n)/)
    .map(safeLine)
    .join('')
}

/** Like `safeText`, for a name within a line: its line breaks are shown as well. Pure. */
export function safeName(name: string): string {
  return safeText(name.replaceAll('\n', '\\u000a'))
}

/**
 * The same stream, but strings that are written to it pass through `safeText`. Bytes stay as they are: `devk exec`
 * connects the terminal of a container with that of the user, as `kubectl exec` does.
 */
export function safeStream<Stream extends Writable>(stream: Stream): Stream {
  const write = (chunk: unknown, ...rest: unknown[]) =>
    (stream.write as (...args: unknown[]) => boolean).call(
      stream,
      typeof chunk === 'string' ? safeText(chunk) : chunk,
      ...rest,
    )
  return new Proxy(stream, {
    get(target, property) {
      if (property === 'write') return write
      const value: unknown = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function safeLine(line: string): string {
  const active = new Set<number>()
  const safe = line.replaceAll(sequences, (found: string, codes?: string, ending?: string) => {
    if (ending !== undefined) return ''
    return codes !== undefined && follow(codes, active) ? found : escaped(found)
  })
  if (active.size === 0) return safe
  return safe.endsWith('\n') ? `${safe.slice(0, -1)}${reset}\n` : `${safe}${reset}`
}

function escaped(found: string): string {
  return found.replaceAll(everyControl, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** Keeps the set of styles that are on. False, and no change, for a sequence with anything but colors and styles. */
function follow(codes: string, active: Set<number>): boolean {
  const parts = codes.split(';')
  const next = new Set(active)
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at] ?? ''
    const code = Number.parseInt(part || '0', 10)
    const group = endings.find(({ end, starts }) => end === code || starts(code))
    if (code === 0) next.clear()
    else if (group === undefined) return false
    else if (group.end === code) next.delete(code)
    else next.add(group.end)
    // 38;5;N and 38;2;R;G;B: the numbers that follow are a color.
    if ((part === '38' || part === '48') && parts[at + 1] === '5') at += 2
    else if ((part === '38' || part === '48') && parts[at + 1] === '2') at += 4
  }
  active.clear()
  for (const end of next) active.add(end)
  return true
}
