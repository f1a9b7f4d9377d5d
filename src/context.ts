import type { Readable, Writable } from 'node:stream'
import type { Runner } from './exec/runner.ts'

/** Commands without flags of their own. */
export type NoFlags = Readonly<Record<never, never>>

/** What a command gets of the world; nothing below the cli layer reads the process itself. */
export interface CliContext {
  /** Folder devk was called in. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder of devk itself, which holds `kit/` and `presets/`. */
  readonly packageRoot: string
  readonly version: string
  /** Aborted by SIGINT, SIGTERM or SIGHUP, with an INTERRUPTED DevkError as its reason. */
  readonly signal: AbortSignal
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown }
  /** Results. */
  readonly stdout: Writable
  /** Progress and messages. */
  readonly stderr: Writable
  /** True when all three streams are a terminal and nothing says otherwise (CI, TERM=dumb): then devk may ask and redraw. */
  readonly isTTY: boolean
  /** Width of the terminal; 80 without one. */
  readonly columns: number
  /** `--json`: one JSON value (for logs: one a line) on stdout, no progress. */
  readonly json: boolean
  readonly verbose: boolean
  readonly color: boolean
  /** `--yes`: changes to the system need no question. */
  readonly yes: boolean
  /** `--config`: a file, as the user wrote it. */
  readonly configFile: string | undefined
  /** `--project`: a name, for commands that work without the configuration. */
  readonly project: string | undefined
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly runner: Runner
}

/** A command's exit code is its result; failures are thrown. */
export type CommandFunction<Flags> = (ctx: CliContext, args: readonly string[], flags: Flags) => Promise<number>
