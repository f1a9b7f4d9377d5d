/** Breaks text at spaces into lines of at most `width` columns; a word that is longer stays whole, so that it can be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line)
        line = word
      } else line = line === '' ? word : `${line} ${word}`
    }
    lines.push(line)
  }
  return lines
}

/** `wrap` with each line behind `indent` spaces; lines that are indented already (commands, output) are left as they are. */
export function indented(text: string, indent: number, width: number): string[] {
  const margin = ' '.repeat(indent)
  return text
    .split('\n')
    .flatMap((line) => (/^\s/.test(line) ? [line] : wrap(line, Math.max(20, width - indent))))
    .map((line) => (line === '' ? '' : margin + line))
}

/** Cuts text to `width` columns, with an ellipsis in place of what is gone. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}
