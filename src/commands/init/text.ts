/**
 * A configuration as TypeScript, with the notes as comments. What fits into a line of 120 characters is on one line.
 * Pure.
 */
export function configText(config: object, notes: readonly string[]): string {
  const body = `export default defineConfig(${written(config, 0)})\n`
  const comments = notes.map((note) => `// ${note}\n`).join('')
  return `import { defineConfig } from 'devk'\n\n${comments}${body}`
}

function written(value: unknown, level: number): string {
  const short = flat(value)
  // The top level always has one line for each key.
  if (level > 0 && short.length + level * 2 < 100) return short
  const pad = '  '.repeat(level + 1)
  const end = '  '.repeat(level)
  if (Array.isArray(value)) {
    return `[\n${value.map((each) => `${pad}${written(each, level + 1)},\n`).join('')}${end}]`
  }
  if (typeof value !== 'object' || value === null) return short
  const lines = Object.entries(value).map(([key, each]) => `${pad}${keyText(key)}: ${written(each, level + 1)},\n`)
  return `{\n${lines.join('')}${end}}`
}

function flat(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(flat).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const pairs = Object.entries(value).map(([key, each]) => `${keyText(key)}: ${flat(each)}`)
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key)
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`
}
