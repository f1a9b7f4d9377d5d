import type { CliContext } from '../context.ts'
import type { DockerEngine } from '../engine/engine.ts'
import { DevkError } from '../errors.ts'
import { descendants, endAll } from '../exec/descendants.ts'
import { statePaths } from '../state/paths.ts'
import { safeStream } from '../terminal/safe-text.ts'
import { commands, evaluating } from './commands.ts'
import { interactive, type TerminalFacts, useColor, width } from './environment.ts'
import type { CommonFlags } from './program.ts'
import { errorJson, errorText, exitCodeOf } from './report.ts'

/** What main.ts reads before it runs a command. */
export interface LaunchOptions {
  /** The arguments after `devk`. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly version: string
  /** Folder of devk itself. */
  readonly packageRoot: string
  readonly process: NodeJS.Process
}

/** What a command runs with, whatever its arguments. */
interface LaunchFacts {
  readonly terminal: TerminalFacts
  readonly signal: AbortSignal
  /** The streams of the process; see `safeStream`. */
  readonly output: Pick<CliContext, 'stdout' | 'stderr'>
}

/** Columns of the help in wide terminals too. bin/devk prints help of this width without Node. */
const helpWidth = 80

/** Runs one command, reports its failure if it fails, and returns the exit code. Never throws. */
export async function launch(options: LaunchOptions): Promise<number> {
  const { args, env, packageRoot, process } = options
  const terminal = terminalFacts(env, process)
  const signal = interruption(process)
  const output = { stdout: safeStream(process.stdout), stderr: safeStream(process.stderr) }
  try {
    const { runProgram } = await import('./program.ts')
    return await runProgram(args, {
      commands,
      names: async (kind) => {
        const { recordedNames } = await import('./names.ts')
        const paths = statePaths(env)
        return recordedNames({ paths, packageRoot, cwd: process.cwd(), project: projectOf(args) })(kind)
      },
      version: options.version,
      write: (text) => void output.stdout.write(text),
      columns: Math.min(helpWidth, width(terminal)),
      context: (common, command) => {
        if (evaluating.has(command)) void prepare(process.cwd(), common)
        return makeContext(options, { terminal, signal, output }, common)
      },
    })
  } catch (error) {
    const failure = signal.aborted && !(error instanceof DevkError) ? signal.reason : error
    reportFailure(failure, options, { terminal, output })
    return exitCodeOf(failure)
  }
}

function terminalFacts(env: LaunchOptions['env'], process: NodeJS.Process): TerminalFacts {
  return {
    env,
    stdinTTY: process.stdin.isTTY === true,
    stdoutTTY: process.stdout.isTTY === true,
    stderrTTY: process.stderr.isTTY === true,
    width: process.stdout.columns,
  }
}

/** Reads the flags from the arguments: the parser may be what failed. */
function reportFailure(
  failure: unknown,
  { args, version }: LaunchOptions,
  { terminal, output }: Pick<LaunchFacts, 'terminal' | 'output'>,
): void {
  const flags = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length)
  if (flags.includes('--json')) output.stdout.write(`${JSON.stringify(errorJson(failure))}\n`)
  else {
    const text = errorText(failure, {
      columns: width(terminal),
      color: useColor(terminal, flags.includes('--no-color') ? false : undefined),
      verbose: flags.includes('--verbose') || flags.includes('-v'),
      version,
    })
    output.stderr.write(text)
  }
}

/** The value of `--project` on a command line that is still being typed, which the parser cannot read yet. */
function projectOf(args: readonly string[]): string | undefined {
  const place = args.indexOf('--project')
  return place < 0 ? undefined : args[place + 1]
}

async function prepare(cwd: string, { config: file }: CommonFlags): Promise<void> {
  const { prepareThread } = await import('../config/script-thread.ts')
  prepareThread({ cwd, file })
}

async function makeContext(
  { env: given, version, packageRoot, process }: LaunchOptions,
  { terminal, signal, output }: LaunchFacts,
  flags: CommonFlags,
): Promise<CliContext> {
  const [{ execaRunner }, { dockerEngine }, { outsideProject }] = await Promise.all([
    import('../exec/runner.ts'),
    import('../engine/engine.ts'),
    import('./programs.ts'),
  ])
  const env = await outsideProject(given, process.cwd(), flags.config)
  const verbose = flags.verbose === true
  let engine: DockerEngine | undefined
  return {
    cwd: process.cwd(),
    env,
    packageRoot,
    version,
    signal,
    stdin: process.stdin,
    ...output,
    screen: process.stderr,
    isTTY: interactive(terminal),
    columns: width(terminal),
    json: flags.json === true,
    verbose,
    color: useColor(terminal, flags.color),
    yes: flags.yes === true,
    allowContext: flags.allowContext,
    allowProduction: flags.allowProduction,
    configFile: flags.config,
    project: flags.project,
    clock: Date.now,
    runner: execaRunner({ ...env }, verbose ? (line) => void output.stderr.write(`${line}\n`) : undefined),
    paths: statePaths(env),
    engine: () => {
      engine ??= dockerEngine(env)
      return engine
    },
  }
}

/** Milliseconds that a command may take to clean up after a signal. */
const cleanupMs = 1900

/**
 * Aborted by the first SIGINT, SIGTERM or SIGHUP, or when the reader of an output closes it. A second signal exits at
 * once. Nothing that devk has started runs on.
 */
function interruption(process: NodeJS.Process): AbortSignal {
  const controller = new AbortController()
  const end = () => {
    if (controller.signal.aborted) process.exit(130)
    // A program that is ended leaves those that it has started, and a second signal leaves those that ignore SIGTERM.
    const started = descendants(process.platform)
    process.once('exit', () => endAll(process.platform, [...started, ...descendants(process.platform)]))
    controller.abort(new DevkError('INTERRUPTED', 'Interrupted'))
    // A connection that stays open, or a child process that ignores the signal, must not keep devk running.
    setTimeout(() => process.exit(130), cleanupMs).unref()
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
