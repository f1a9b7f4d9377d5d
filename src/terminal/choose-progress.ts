import type { CliContext } from '../context.ts'
import { terminalProgress } from './live-progress.ts'
import { plainProgress } from './plain-progress.ts'
import type { Progress } from './progress.ts'

/**
 * Progress for this context: lines that are redrawn on a terminal, lines with a timestamp elsewhere, nothing for
 * --json.
 */
export function progressOf(ctx: CliContext): Progress {
  return ctx.isTTY && !ctx.json ? terminalProgress(ctx) : plainProgress(ctx)
}
