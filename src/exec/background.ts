import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { openLog } from './bounded-log.ts'

/** A process that goes on when this one ends. */
export interface Background {
  readonly pid: number | undefined
  /** How it has ended, in words; undefined while it runs. */
  ended(): string | undefined
  /** Ends it with SIGTERM. Resolves when it has ended. */
  end(): Promise<void>
  /** From now on this process need not wait for it. */
  release(): void
}

/** What to start. */
export interface BackgroundOptions {
  /** Arguments of the program. */
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** File for both outputs. It begins empty. */
  readonly log: string
  /** What Node runs, with the flags of Node itself; by default the same as this process. */
  readonly program?: readonly string[] | undefined
}

/**
 * Starts a program with the Node of this process, in a session of its own: it has no terminal, and the end of this one
 * does not reach it. It has no input, and writes to the log. The umask stays: what compilers of the project write on
 * this machine has the same permissions as without it.
 */
export function startInBackground({ args, cwd, env, log, program = ownProgram() }: BackgroundOptions): Background {
  const file = openLog(log)
  const child = spawn(process.execPath, [...program, ...args], {
    cwd,
    env: { ...env },
    detached: true,
    stdio: ['ignore', file, file],
  })
  closeSync(file)
  let ended: string | undefined
  const over = new Promise<void>((resolve) => {
    const end = (how: string) => {
      ended ??= how
      resolve()
    }
    child.once('error', ({ message }) => end(`could not start: ${message}`))
    child.once('exit', (code, signal) => end(`ended with ${signal ?? `exit code ${code}`}`))
  })
  return {
    pid: child.pid,
    ended: () => ended,
    async end() {
      child.kill('SIGTERM')
      await over
    },
    release: () => child.unref(),
  }
}

/** The flags and the script of this process. */
function ownProgram(): string[] {
  return [...process.execArgv, process.argv[1] ?? '']
}
