/** The same text with comments as spaces and the inside of strings as x, so that brackets can be trusted. */
export function mask(text: string): string {
  const literals = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g
  return text.replace(literals, (literal) => {
    if (literal.startsWith('/')) return literal.replace(/[^\n]/g, ' ')
    return `${literal[0]}${literal.slice(1, -1).replace(/[^\n]/g, 'x')}${literal.at(-1)}`
  })
}
