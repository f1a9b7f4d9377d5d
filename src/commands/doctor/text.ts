import type { Finding } from '../../host/finding.ts'
import { colors } from '../../lib/colors.ts'
import { indented, wrap } from '../../lib/wrap.ts'

const margin = 20

/**
 * The findings as aligned lines: state, title and detail. Below a warning or failure come the reason why it matters and
 * the fix. Pure.
 */
export function findingLines(found: readonly Finding[], screen: { columns: number; color: boolean }): string[] {
  const { green, yellow, red, dim } = colors(screen.color)
  const mark = { ok: green('✔'), warn: yellow('!'), fail: red('✖') }
  const width = Math.max(20, screen.columns - margin)
  return found.flatMap(({ title, level, detail, why, fix }) => {
    const [first = '', ...more] = wrap(detail, width)
    const head = [
      `${mark[level]} ${title.padEnd(margin - 2)}${first}`,
      ...more.map((line) => ' '.repeat(margin) + line),
    ]
    if (level === 'ok') return head
    const below = (text: string) => indented(text, margin, screen.columns).map((line) => dim(line))
    const commands = fix?.commands.map((argv) => argv.join(' ')).join(' && ')
    const fixes =
      fix === undefined ? [] : below(commands ? `fix: ${commands}  (devk doctor --fix)` : `fix: ${fix.explain}`)
    return [...head, ...(why === undefined ? [] : below(why)), ...fixes]
  })
}
