import type { CliContext } from '../context.ts'
import { safeText } from './safe-text.ts'
import { typed } from './typed.ts'

/**
 * Lets the user choose one of several answers by its number, and returns its index. Enter takes the first one, as does
 * devk itself for --yes and without a terminal. Throws INTERRUPTED if the user interrupts devk.
 */
export async function choose(ctx: CliContext, question: string, answers: readonly string[]): Promise<number> {
  if (!ctx.isTTY || ctx.yes) return 0
  const lines = answers.map((answer, i) => `  ${i + 1}  ${safeText(answer)}\n`)
  ctx.screen.write(`${safeText(question)}\n${lines.join('')}`)
  for (;;) {
    const text = await typed(ctx, 'Number [1]: ')
    if (text === '') return 0
    const number = /^\d+$/.test(text) ? Number(text) : 0
    if (number >= 1 && number <= answers.length) return number - 1
    ctx.screen.write(`Type a number from 1 to ${answers.length}, or press Enter for 1.\n`)
  }
}
