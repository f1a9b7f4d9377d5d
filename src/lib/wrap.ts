// These two measure as string-width and wrap-ansi do, in a tenth of their start-up time; see
// docs/decisions/0009-libraries.md.
import truncated from 'fast-string-truncated-width'
import { wrapAnsi } from 'fast-wrap-ansi'

/** Columns that a text takes on a terminal: 2 for a wide character or an emoji, 0 for a colour. */
export function widthOf(text: string): number {
  return truncated(text).width
}

/** `padEnd` by columns of a terminal instead of UTF-16 units. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

/** Breaks text at spaces into lines of at most `width` columns. A longer word stays whole, so that it can be copied. */
export function wrap(text: string, width: number): string[] {
  return wrapAnsi(text, width).split('\n')
}

/**
 * `wrap` with each line behind `indent` spaces. Lines that are already indented (commands, output) stay as they are.
 */
export function indented(text: string, indent: number, width: number): string[] {
  const margin = ' '.repeat(indent)
  return text
    .split('\n')
    .flatMap((line) => (/^\s/.test(line) ? [line] : wrap(line, Math.max(20, width - indent))))
    .map((line) => (line === '' ? '' : margin + line))
}

/** Cuts plain text to `width` columns, with an ellipsis in place of what is left out. */
export function cut(text: string, width: number): string {
  const { index, truncated: longer } = truncated(text, { limit: width, ellipsis: '…', ellipsisWidth: 1 })
  return longer ? `${text.slice(0, index)}…` : text
}
