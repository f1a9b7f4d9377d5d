import { createInterface } from 'node:readline/promises'
import type { CliContext } from '../context.ts'

/** Asks a question that yes or no answers; no where nobody can be asked, yes with --yes. */
export async function ask(ctx: CliContext, question: string): Promise<boolean> {
  if (ctx.yes) return true
  if (!ctx.isTTY) return false
  const asked = createInterface({ input: ctx.stdin, output: ctx.stderr })
  try {
    return /^y(es)?$/i.test((await asked.question(`${question} [y/N] `, { signal: ctx.signal })).trim())
  } finally {
    asked.close()
  }
}
