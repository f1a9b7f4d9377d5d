/**
 * The text of a configuration file with one more preset in its list; undefined when the text has no list that can be extended this
 * way. `at` is where the key `presets` stands. Pure.
 */
export function withPreset(
  text: string,
  at: { readonly line: number; readonly column: number } | undefined,
  entry: string,
): string | undefined {
  if (at === undefined) return undefined
  const lines = text.split('\n')
  const start = lines.slice(0, at.line - 1).reduce((sum, line) => sum + line.length + 1, 0) + at.column - 1
  const rest = text.slice(start)
  const list = /^(["']?presets["']?\s*:\s*\[)([^\]]*)\]/.exec(rest)
  if (list !== null) {
    const [whole, head = '', items = ''] = list
    const quote = items.includes('"') || /^"/.test(rest) ? '"' : "'"
    const bare = items.trim() !== '' && !/["']/.test(items)
    const added = bare ? entry : `${quote}${entry}${quote}`
    const kept = items.trimEnd().replace(/,$/, '')
    const end = items.slice(items.trimEnd().length)
    return `${text.slice(0, start)}${head}${kept}${kept.trim() === '' ? '' : ', '}${added}${end}]${text.slice(start + whole.length)}`
  }
  const block = /^presets\s*:[^\S\n]*\n(([^\S\n]*)- [^\n]*(?:\n|$))+/.exec(rest)
  if (block === null) return undefined
  const [whole, , indent = ''] = block
  return `${text.slice(0, start)}${whole.endsWith('\n') ? whole : `${whole}\n`}${indent}- ${entry}\n${text.slice(start + whole.length)}`
}
