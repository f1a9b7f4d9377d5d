import { Argument, Command, CommanderError } from 'commander'
import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import { nearest } from '../lib/text.ts'
import { wrap } from '../lib/wrap.ts'
import type { Commands } from './commands.ts'
import { candidates, completionScript, type NameSource, shells, visibleCommands } from './completion.ts'
import { addReleaseCommands } from './release-verbs.ts'
import { addReadingCommands, addStackCommands } from './verbs.ts'
import { addPresetCommands } from './verbs-presets.ts'

/** Global flags and those that every command may have, as commander gives them. */
export interface CommonFlags {
  readonly config?: string
  readonly project?: string
  readonly verbose?: boolean
  /** False with --no-color. */
  readonly color?: boolean
  readonly json?: boolean
  readonly yes?: boolean
}

export interface ProgramDeps {
  readonly commands: Commands
  /** Makes the context once the flags are known. */
  readonly context: (flags: CommonFlags) => Promise<CliContext>
  /** Names for shell completion. */
  readonly names: NameSource
  readonly version: string
  /** For help, completion scripts and candidates. */
  readonly write: (text: string) => void
  readonly columns: number
}

/** Parses the arguments (without node and script), runs the one command and gives its exit code. Throws USAGE for bad arguments. */
export async function runProgram(args: readonly string[], deps: ProgramDeps): Promise<number> {
  let exitCode = 0
  const program = buildProgram(deps, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return 0
    throw usageError(error)
  }
  return exitCode
}

const exitCodes =
  'Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 not ready in time, 130 interrupted, 70 a bug in devk.'

function buildProgram(deps: ProgramDeps, done: (exitCode: number) => void): Command {
  const program = new Command('devk')
    .description(
      'Brings a production Kubernetes topology up on this machine and keeps it in step with the source tree.',
    )
    .version(deps.version, '-V, --version')
    .option('--config <file>', 'configuration file; default: the nearest platform.config.* upwards')
    .option('--project <name>', 'a project by name, for commands that need no configuration')
    .option('-v, --verbose', 'also show the programs that run and what they say')
    .option('--no-color', 'no colours (as does NO_COLOR)')
    .exitOverride()
    .configureOutput({
      writeOut: deps.write,
      writeErr: () => {},
      getOutHelpWidth: () => deps.columns,
    })
    // Narrow columns are better than lines that a terminal breaks anywhere.
    .configureHelp({ minWidthToWrap: 16 })
    .addHelpText('after', `\n${wrap(exitCodes, deps.columns).join('\n')}`)
  const bind = (command: Command, key: keyof Commands) =>
    command.action(async (...parsed: unknown[]) => {
      const self = parsed.at(-1) as Command
      const { config, project, verbose, color, json, yes, ...flags } = self.optsWithGlobals<CommonFlags>()
      const ctx = await deps.context({ config, project, verbose, color, json, yes } as CommonFlags)
      const run = (await deps.commands[key]()) as (ctx: CliContext, args: string[], flags: object) => Promise<number>
      done(await run(ctx, self.args, flags))
    })
  addStackCommands(program, bind)
  addReleaseCommands(program, bind)
  addReadingCommands(program, bind)
  addPresetCommands(program, bind)
  addCompletion(program, deps)
  // Without an action of its own commander would print the help as an error. Last, since commands inherit what is set before them.
  program.allowExcessArguments().action((_flags, command: Command) => {
    const [word] = command.args
    if (word === undefined) return deps.write(program.helpInformation())
    const near = nearest(word, visibleCommands(program))
    throw new DevkError('USAGE', `There is no command "${word}"`, {
      hint: near === undefined ? '`devk --help` lists the commands.' : `Did you mean "${near}"?`,
    })
  })
  return program
}

function addCompletion(program: Command, deps: ProgramDeps): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
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

/** commander words its errors as "error: …" with the suggestion on a second line. */
function usageError(error: CommanderError): DevkError {
  const [headline = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const text = headline.charAt(0).toUpperCase() + headline.slice(1)
  const meant = suggestion?.match(/\((.*)\)/)?.[1]
  return new DevkError('USAGE', text, {
    hint: meant === undefined ? '`devk --help` lists commands and flags.' : meant,
  })
}
