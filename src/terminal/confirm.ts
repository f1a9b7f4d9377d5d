import type { CliContext } from '../context.ts'
import { safeText } from './safe-text.ts'
import { typed } from './typed.ts'

/**
 * Asks a yes-or-no question on the terminal and returns the answer. Returns true without asking for --yes, and false if
 * there is no terminal. Throws INTERRUPTED if the user interrupts devk.
 */
export async function confirm(ctx: CliContext, question: string): Promise<boolean> {
  return ctx.yes || ask(ctx, question)
}

/** Like `confirm`, for a question that --yes does not answer. */
export async function ask(ctx: CliContext, question: string): Promise<boolean> {
  if (!ctx.isTTY) return false
  return /^y(es)?$/i.test(await typed(ctx, `${safeText(question)} [y/N] `))
}
