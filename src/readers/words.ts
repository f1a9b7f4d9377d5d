/** A command line as its words, with the quotes of a shell, as Compose and Procfiles split it. Pure. */
export function words(line: string): string[] {
  const found: string[] = []
  let word: string | undefined
  for (const [part] of line.matchAll(/\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\s+|[\s\S]/g)) {
    if (/^\s/.test(part)) {
      if (word !== undefined) found.push(word)
      word = undefined
    } else word = (word ?? '') + unquoted(part)
  }
  return word === undefined ? found : [...found, word]
}

function unquoted(part: string): string {
  if (part.length > 1 && part.startsWith("'")) return part.slice(1, -1)
  if (part.length > 1 && part.startsWith('"'))
    return part
      .slice(1, -1)
      .replace(/\\([$"\\`])/g, '$1')
      .replace(/\\\n/g, '')
  return part.length > 1 ? part.slice(1).replace('\n', '') : part
}

/** Words as a line for a shell, with quotes where they need them. Pure. */
export function shellLine(all: readonly string[]): string {
  return all.map((word) => (/^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')
}
