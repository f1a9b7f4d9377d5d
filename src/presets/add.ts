/**
 * Adds a preset to the list `presets` in the text of a configuration file. `at` is the position of the key `presets`,
 * and `entry` is the name or folder to add. Returns the new text; undefined if the text has no list that can be
 * extended. Pure.
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
  const flow = /^(["']?presets["']?\s*:\s*\[)([^\]]*)\]/.exec(rest)
  if (flow !== null) {
    const [whole, head = '', items = ''] = flow
    const quote = items.includes('"') || /^"/.test(rest) ? '"' : "'"
    const bare = items.trim() !== '' && !/["']/.test(items)
    const added = bare ? entry : `${quote}${entry}${quote}`
    const kept = items.trimEnd().replace(/,$/, '')
    const end = items.slice(items.trimEnd().length)
    const list = `${head}${kept}${kept.trim() === '' ? '' : ', '}${added}${end}]`
    return `${text.slice(0, start)}${list}${text.slice(start + whole.length)}`
  }
  const block = /^presets\s*:[^\S\n]*\n(([^\S\n]*)- [^\n]*(?:\n|$))+/.exec(rest)
  if (block === null) return undefined
  const [whole, , indent = ''] = block
  const items = whole.endsWith('\n') ? whole : `${whole}\n`
  return `${text.slice(0, start)}${items}${indent}- ${entry}\n${text.slice(start + whole.length)}`
}
