import type { CliContext } from '../context.ts'
import { terminalProgress } from './live-progress.ts'
import { plainProgress } from './plain-progress.ts'
import type { Progress } from './progress.ts'

/** On a terminal lines that are redrawn, else plain ones with a time stamp; nothing with --json. */
export function progressOf(ctx: CliContext): Progress {
  return ctx.isTTY && !ctx.json ? terminalProgress(ctx) : plainProgress(ctx)
}
