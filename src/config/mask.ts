/**
 * Replaces comments of a script by spaces and the contents of strings by x. Every bracket that remains is then code.
 * Offsets and lines do not change.
 */
export function mask(text: string): string {
  const literals = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g
  return text.replace(literals, (literal) => {
    if (literal.startsWith('/')) return literal.replace(/[^\n]/g, ' ')
    return `${literal[0]}${literal.slice(1, -1).replace(/[^\n]/g, 'x')}${literal.at(-1)}`
  })
}
