import { Argument, Command, CommanderError } from 'commander'
import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import { nearest } from '../lib/text.ts'
import { wrap } from '../lib/wrap.ts'
import type { Commands } from './commands.ts'
import { candidates, completionScript, type NameSource, shells, visibleCommands } from './completion.ts'
import { addPresetCommands } from './preset-verbs.ts'
import { addReleaseCommands } from './release-verbs.ts'
import { addReadingCommands, addStackCommands } from './verbs.ts'
import { addViewCommands } from './view-verbs.ts'

/** Global flags and those that every command may have, as commander gives them. */
export interface CommonFlags {
  readonly config?: string
  readonly project?: string
  readonly verbose?: boolean
  /** False with --no-color. */
  readonly color?: boolean
  readonly json?: boolean
  readonly yes?: boolean
  readonly allowContext?: string
  readonly allowProduction?: string
}

/** What the program needs from its caller. */
export interface ProgramDeps {
  readonly commands: Commands
  /** Creates the context when the flags are parsed. */
  readonly context: (flags: CommonFlags, command: keyof Commands) => Promise<CliContext>
  /** Names for shell completion. */
  readonly names: NameSource
  readonly version: string
  /** Writes help, completion scripts and completion candidates to stdout. */
  readonly write: (text: string) => void
  /** Width to wrap the help at. */
  readonly columns: number
}

/**
 * Parses the arguments (without node and script), runs the command and returns its exit code. Throws USAGE for invalid
 * arguments, and what the command throws.
 */
export async function runProgram(args: readonly string[], deps: ProgramDeps): Promise<number> {
  let exitCode = 0
  const program = buildProgram(deps, (code) => {
    exitCode = code
  })
  // commander would take it for its own wherever it stands.
  if (!takesVersion(args)) program.version(deps.version, '-V, --version')
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return 0
    throw usageError(error)
  }
  return exitCode
}

/** Whether the command has an option `--version` of its own. */
function takesVersion(args: readonly string[]): boolean {
  return args.some((arg, i) => arg === 'preset' && args[i + 1] === 'add')
}

const exitCodes =
  'Exit codes: 0 success, 1 failure, 2 invalid usage or configuration, 3 not ready in time, 70 bug in devk, ' +
  '130 interrupted. The code at the end of an error message is explained in docs/errors.md.'

function buildProgram(deps: ProgramDeps, done: (exitCode: number) => void): Command {
  const program = new Command('devk')
    .description('Runs your production Kubernetes topology on this machine and updates it when the source changes.')
    .option('--config <file>', 'configuration file; default: the nearest platform.config.* in this folder or above')
    .option('--project <name>', 'name of the project, for commands that do not read the configuration')
    .option('-v, --verbose', 'also show the programs that devk runs, with their output')
    .option('--no-color', 'print without colours, like NO_COLOR')
    .exitOverride()
    .configureOutput({
      writeOut: deps.write,
      writeErr: () => {},
      getOutHelpWidth: () => deps.columns,
    })
    // Even narrow columns read better than lines that the terminal breaks in the middle of a word.
    // A description names the default where it matters; commander would also print "(default: false)" for each switch.
    .configureHelp({ minWidthToWrap: 16, optionDescription: ({ description }) => description })
    .addHelpText('after', () => `\n${wrap(exitCodes, deps.columns).join('\n')}`)
  const bind = (command: Command, key: keyof Commands) =>
    command.action(async (...parsed: unknown[]) => {
      const self = parsed.at(-1) as Command
      const { config, project, verbose, color, json, yes, allowContext, allowProduction, ...flags } =
        self.optsWithGlobals<CommonFlags>()
      const common = { config, project, verbose, color, json, yes, allowContext, allowProduction } as CommonFlags
      const ctx = await deps.context(common, key)
      const run = (await deps.commands[key]()) as (ctx: CliContext, args: string[], flags: object) => Promise<number>
      done(await run(ctx, self.args, flags))
    })
  addStackCommands(program, bind)
  addReleaseCommands(program, bind)
  addReadingCommands(program, bind)
  addViewCommands(program, bind)
  addPresetCommands(program, bind)
  addCompletion(program, deps)
  // Without this action, commander prints the help as an error. It comes last because commands inherit earlier
  // settings.
  program.allowExcessArguments().action((_flags, command: Command) => {
    const [word] = command.args
    if (word === undefined) return deps.write(program.helpInformation())
    const near = nearest(word, visibleCommands(program))
    throw new DevkError('USAGE', `Unknown command "${word}"`, {
      hint: near === undefined ? 'Run devk --help for a list of commands.' : `Did you mean "${near}"?`,
    })
  })
  return program
}

function addCompletion(program: Command, deps: ProgramDeps): void {
  program
    .command('completion')
    .description('print the completion script for a shell')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(shells))
    .addHelpText(
      'after',
      '\nExamples:\n  $ devk completion bash >> ~/.bashrc\n  $ devk completion zsh > "$' +
        '{fpath[1]}/_devk"\n  $ devk completion fish > ~/.config/fish/completions/devk.fish',
    )
    .action((shell: (typeof shells)[number]) => deps.write(completionScript(shell)))
  program
    .command('__complete', { hidden: true })
    .argument('[word...]')
    .allowUnknownOption()
    .action(async (words: string[]) => {
      for (const candidate of await candidates(program, words, deps.names)) deps.write(`${candidate}\n`)
    })
}

/** commander writes its errors as "error: …" with a suggestion on the second line. */
function usageError(error: CommanderError): DevkError {
  const [headline = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const text = headline.charAt(0).toUpperCase() + headline.slice(1)
  const meant = suggestion?.match(/\((.*)\)/)?.[1]
  return new DevkError('USAGE', text, {
    hint: meant === undefined ? 'Run devk --help for a list of commands and flags.' : meant,
  })
}
