import type { Readable, Writable } from 'node:stream'
import { execa } from 'execa'
import { childEnvironment, type EnvironmentNeeds, plainEnvironment } from './environment.ts'

/** How to run a program. */
export interface RunOptions extends EnvironmentNeeds {
  readonly signal?: AbortSignal
  readonly cwd?: string
  /** Added to what the program gets of devk's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string | Uint8Array
  /** Each line of stdout and stderr as it comes, for a progress display. */
  readonly onLine?: (line: string) => void
  readonly timeoutMs?: number
  /** The program may go on when devk ends, as a browser does. Its output is not read. */
  readonly outlives?: boolean
}

/** Result of a program that ended. */
export interface RunResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A running program and its streams. `kill` sends SIGTERM and, after a second, SIGKILL. */
export interface Child {
  readonly pid: number | undefined
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves with the exit code (null when a signal ended it); never rejects. */
  readonly done: Promise<number | null>
  /** The same, also while others whom the program has started keep its output open. */
  readonly exited: Promise<number | null>
  kill(): void
}

/** How to start a program. */
export interface SpawnOptions extends Pick<RunOptions, 'cwd' | 'env' | 'signal'> {
  /**
   * The program leads a process group, whose number is its pid. Ctrl-C in the terminal does not reach it; `ownGroup`
   * and `endGroup` end it.
   */
  readonly leadsGroup?: boolean
}

/** Starts programs by argument vector, without a shell. */
export interface Runner {
  /**
   * Runs a program to its end. A non-zero exit code is a result, not an error: 127 when the program cannot be started,
   * 124 after a timeout. Throws the signal's reason when aborted.
   */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult>
  /** Starts a program and connects its streams. It ends with devk. */
  spawn(command: string, args: readonly string[], options?: SpawnOptions): Child
}

/**
 * Runs real programs, with the part of `baseEnv` that they need. `trace` is called with each command line and its exit
 * code, for --verbose.
 */
export function execaRunner(baseEnv: NodeJS.ProcessEnv, trace: (line: string) => void = () => {}): Runner {
  return {
    async run(command, args, options = {}) {
      options.signal?.throwIfAborted()
      trace(`$ ${[command, ...args].join(' ')}`)
      const inherited = await childEnvironment(command, args, baseEnv, options)
      const child = execa(command, args, {
        env: { ...inherited, ...options.env },
        extendEnv: false,
        reject: false,
        stripFinalNewline: true,
        maxBuffer: 200_000_000,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
        ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
        ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
        forceKillAfterDelay: 1000,
        ...(options.outlives
          ? { detached: true, cleanup: false, stdout: 'ignore' as const, stderr: 'ignore' as const }
          : {}),
      })
      if (options.outlives) child.nodeChildProcess.unref()
      if (options.onLine) forEachLine([child.stdout, child.stderr], options.onLine)
      const result = await child
      options.signal?.throwIfAborted()
      const startFailure = result.failed && result.exitCode === undefined ? (result.shortMessage ?? '') : ''
      const exitCode = result.exitCode ?? (result.timedOut ? 124 : 127)
      trace(`  exit ${exitCode}`)
      return { exitCode, stdout: String(result.stdout ?? ''), stderr: String(result.stderr ?? '') || startFailure }
    },
    spawn(command, args, options = {}) {
      trace(`$ ${[command, ...args].join(' ')} &`)
      const child = execa(command, args, {
        env: { ...plainEnvironment(command, args, baseEnv), ...options.env },
        extendEnv: false,
        reject: false,
        buffer: false,
        stdin: 'pipe',
        cleanup: true,
        forceKillAfterDelay: 1000,
        ...(options.leadsGroup ? { detached: true } : {}),
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
      })
      // `done` reports the end of the program. Without a listener, the error of a write to it would end devk.
      child.stdin.on('error', () => {})
      const done = child.then((result) => result.exitCode ?? null)
      const exit = new Promise<number | null>((resolve) => child.nodeChildProcess.once('exit', resolve))
      return {
        pid: child.pid,
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        done,
        exited: Promise.race([exit, done]),
        kill: () => void child.kill(),
      }
    },
  }
}

function forEachLine(streams: readonly (Readable | null)[], onLine: (line: string) => void): void {
  for (const stream of streams) {
    let rest = ''
    stream?.on('data', (chunk: Buffer | string) => {
      const lines = (rest + String(chunk)).split(/\r\n|[\r\n]/)
      rest = lines.pop() ?? ''
      for (const line of lines) onLine(line)
    })
    stream?.on('end', () => {
      if (rest !== '') onLine(rest)
    })
  }
}
