import type { Readable, Writable } from 'node:stream'
import type { DockerEngine } from './engine/engine.ts'
import type { Runner } from './exec/runner.ts'
import type { StatePaths } from './state/paths.ts'

/** The flags of a command that has none of its own. */
export type NoFlags = Readonly<Record<never, never>>

/**
 * Everything a command may use from outside: environment, terminal, clock, files and engine. Only the cli reads the
 * process itself.
 */
export interface CliContext {
  /** Folder in which the user called devk. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder of devk itself, which contains `kit/` and `presets/`. */
  readonly packageRoot: string
  readonly version: string
  /** Aborted by SIGINT, SIGTERM or SIGHUP; the reason is a DevkError with the code INTERRUPTED. */
  readonly signal: AbortSignal
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown }
  /** For results. */
  readonly stdout: Writable
  /** For progress and messages. Text that is written here or to stdout cannot control the terminal. */
  readonly stderr: Writable
  /** The same stream as stderr, for what moves the cursor. Who writes data here makes it safe first. */
  readonly screen: Writable
  /**
   * True when devk may ask questions and redraw lines: all three streams are a terminal, and neither CI nor TERM=dumb
   * is set.
   */
  readonly isTTY: boolean
  /** Width of the terminal; 80 if there is none. */
  readonly columns: number
  /** `--json`: print one JSON value on stdout (`logs`: one per line) and no progress. */
  readonly json: boolean
  readonly verbose: boolean
  readonly color: boolean
  /** `--yes`: change the system without asking. */
  readonly yes: boolean
  /** `--allow-context`: the context of an existing cluster that the user agrees to. */
  readonly allowContext?: string | undefined
  /** `--allow-production`: the same for a context that looks like production. */
  readonly allowProduction?: string | undefined
  /** `--config`: path of the configuration file, as the user wrote it. */
  readonly configFile: string | undefined
  /** `--project`: name of a project, for commands that do not read the configuration. */
  readonly project: string | undefined
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly runner: Runner
  /** Files and folders of devk's state and caches. */
  readonly paths: StatePaths
  /**
   * The Docker engine that the environment points to, the same one for each call. Nothing connects before its first
   * use.
   */
  engine(): DockerEngine
}

/** Runs one command and returns its exit code. Throws a DevkError on failure. */
export type CommandFunction<Flags> = (ctx: CliContext, args: readonly string[], flags: Flags) => Promise<number>

/** Whether devk runs in continuous integration: CI is set, and not to `false` or `0`. Pure. */
export function isCi(env: Readonly<Record<string, string | undefined>>): boolean {
  return env.CI !== undefined && env.CI !== '' && env.CI !== 'false' && env.CI !== '0'
}
