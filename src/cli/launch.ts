import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import { commands } from './commands.ts'
import { interactive, type Surroundings, useColor, width } from './environment.ts'
import type { CommonFlags } from './program.ts'
import { errorJson, errorText, exitCodeOf } from './report.ts'

export interface LaunchOptions {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly version: string
  readonly packageRoot: string
  readonly process: NodeJS.Process
}

/** Runs one call of devk to its end: signals, context, the command, and its failure as text. Gives the exit code; never throws. */
export async function launch(options: LaunchOptions): Promise<number> {
  const { args, env, process } = options
  const around: Surroundings = {
    env,
    stdinTTY: process.stdin.isTTY === true,
    stdoutTTY: process.stdout.isTTY === true,
    stderrTTY: process.stderr.isTTY === true,
    width: process.stdout.columns,
  }
  const signal = interruption(process)
  const flags = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length)
  try {
    const { runProgram } = await import('./program.ts')
    return await runProgram(args, {
      commands,
      names: async (kind) =>
        (await import('./names.ts')).recordedNames(env, process.cwd(), projectOf(args), options.packageRoot)(kind),
      version: options.version,
      write: (text) => void process.stdout.write(text),
      columns: width(around),
      context: (common) => makeContext(options, around, signal, common),
    })
  } catch (error) {
    const failure = signal.aborted && !(error instanceof DevkError) ? signal.reason : error
    if (flags.includes('--json')) process.stdout.write(`${JSON.stringify(errorJson(failure))}\n`)
    else {
      process.stderr.write(
        errorText(failure, {
          columns: width(around),
          color: useColor(around, flags.includes('--no-color') ? false : undefined),
          verbose: flags.includes('--verbose') || flags.includes('-v'),
          version: options.version,
        }),
      )
    }
    return exitCodeOf(failure)
  }
}

/** `--project` among words that are still being typed, where the parser has not run. */
function projectOf(args: readonly string[]): string | undefined {
  const place = args.indexOf('--project')
  return place < 0 ? undefined : args[place + 1]
}

async function makeContext(
  { env, version, packageRoot, process }: LaunchOptions,
  around: Surroundings,
  signal: AbortSignal,
  flags: CommonFlags,
): Promise<CliContext> {
  const { execaRunner } = await import('../exec/runner.ts')
  const verbose = flags.verbose === true
  return {
    cwd: process.cwd(),
    env,
    packageRoot,
    version,
    signal,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    isTTY: interactive(around),
    columns: width(around),
    json: flags.json === true,
    verbose,
    color: useColor(around, flags.color),
    yes: flags.yes === true,
    configFile: flags.config,
    project: flags.project,
    clock: Date.now,
    runner: execaRunner({ ...env }, verbose ? (line) => void process.stderr.write(`${line}\n`) : undefined),
  }
}

/** How long a tidy end may take. */
const tidyMs = 1900

/** The first SIGINT, SIGTERM or SIGHUP, or a reader that went away, asks devk to end tidily; a second signal ends it at once. */
function interruption(process: NodeJS.Process): AbortSignal {
  const controller = new AbortController()
  const end = () => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort(new DevkError('INTERRUPTED', 'Interrupted'))
    // Whatever is still open by then (a connection, a child that does not listen) ends with the process.
    setTimeout(() => process.exit(130), tidyMs).unref()
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, end)
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      if (!controller.signal.aborted) end()
    })
  }
  return controller.signal
}
