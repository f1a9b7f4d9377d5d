import { Writable } from 'node:stream'
import type { CliContext, CommandFunction } from '../../context.ts'
import { DevkError } from '../../errors.ts'

/** How a command ended that ran within another one. */
export interface Captured {
  /** Whether it did what it should. */
  readonly ok: boolean
  readonly exitCode: number
  /** What it wrote for its reader, or the error. The end of it, if it is long. */
  readonly text: string
  readonly hint: string | null
}

/** A command with all that it needs but the context. */
export type BoundCommand = (ctx: CliContext) => Promise<number>

/** Binds a command to its arguments and flags. */
export function bound<F>(run: CommandFunction<F>, args: readonly string[], flags: F): BoundCommand {
  return (ctx) => run(ctx, args, flags)
}

const longest = 100_000

/**
 * Runs a command as a program would call it: nobody is asked, and what it prints is the result. A failure that a user
 * can act on is a result as well. Throws what is a defect, and when the signal is aborted.
 */
export async function captured(ctx: CliContext, run: BoundCommand): Promise<Captured> {
  const text = collector()
  const quiet = { isTTY: false, color: false, yes: false, verbose: false, stdout: text.stream, stderr: text.stream }
  try {
    const exitCode = await run({ ...ctx, ...quiet, screen: text.stream, columns: 120 })
    return { ok: exitCode === 0, exitCode, text: text.read(), hint: null }
  } catch (error) {
    ctx.signal.throwIfAborted()
    if (!(error instanceof DevkError)) throw error
    const said = [`${error.message} (${error.code})`, ...error.details].join('\n')
    return { ok: false, exitCode: error.exitCode, text: said.slice(0, longest), hint: error.hint ?? null }
  }
}

function collector(): { readonly stream: Writable; read(): string } {
  let text = ''
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      text = (text + String(chunk)).slice(-longest)
      done()
    },
  })
  return { stream, read: () => text }
}
