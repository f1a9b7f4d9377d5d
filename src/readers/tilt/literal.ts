const letters: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
}

/** The text of a string literal of Starlark; undefined for bytes and for what is not closed. Pure. */
export function unquoted(literal: string): string | undefined {
  const [, prefix = '', quote = '', body = ''] = /^([rR]?)("""|'''|"|')([\s\S]*)\2$/.exec(literal) ?? []
  if (quote === '') return undefined
  if (prefix !== '') return body
  return body.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([0-7]{1,3})|([\s\S]))/g, (whole, ...found) => {
    const [hex, unicode, octal, letter] = found as (string | undefined)[]
    if (hex ?? unicode) return String.fromCodePoint(Number.parseInt(hex ?? unicode ?? '', 16))
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
    return letters[letter ?? ''] ?? whole
  })
}
