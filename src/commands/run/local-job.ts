import type { Job, LoadedConfig } from '../../config/schema.ts'
import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { toolchainEnvironment } from '../../exec/environment.ts'
import { duration } from '../../lib/text.ts'
import { startRun } from '../../local/one-run.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { localVariables } from '../../up/live/locals.ts'

/** A job that runs on this machine. The user has agreed to its command. */
export interface LocalJob {
  readonly name: string
  readonly job: Pick<Job, 'command' | 'cwd' | 'env'>
  readonly config: Pick<LoadedConfig, 'services' | 'externals'>
  /** What the user adds to the command. */
  readonly args: readonly string[]
  /** Milliseconds until it is ended. */
  readonly timeoutMs: number
}

/**
 * Runs a job on this machine, prints what it writes, and returns its exit code. It ends with all that it has started.
 * Throws COMMAND_FAILED if it has no exit code, NOT_READY if it does not end in time, and the reason of the signal.
 */
export async function runLocalJob(ctx: CliContext, { name, job, config, args, timeoutMs }: LocalJob): Promise<number> {
  const { signal } = ctx
  signal.throwIfAborted()
  const run = startRun(ctx.runner, {
    argv: [...job.command, ...args],
    cwd: job.cwd,
    env: { ...toolchainEnvironment(ctx.env), ...localVariables(config), ...job.env },
    endsInput: true,
    onLine: async (line, stream) => {
      if (!ctx.json) await writeText(ctx[stream], `${line}\n`)
    },
  })
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), timeoutMs)
  const end = () => void run.end()
  AbortSignal.any([signal, late.signal]).addEventListener('abort', end, { once: true })
  const { exitCode, reason } = await run.ended.finally(() => clearTimeout(timer))
  signal.throwIfAborted()
  if (late.signal.aborted) {
    throw new DevkError('NOT_READY', `The job ${name} did not end within ${duration(timeoutMs)}`, {
      hint: `Give it more time: devk run ${name} --timeout 1h.`,
    })
  }
  if (exitCode === undefined) throw new DevkError('COMMAND_FAILED', `The job ${name} failed: ${reason}`)
  if (ctx.json) await writeJson(ctx.stdout, { job: name, object: null, exitCode })
  return exitCode
}
