import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this repository. */
export const repository = fileURLToPath(new URL('../../..', import.meta.url))
const launcher = join(repository, 'bin/devk')

export interface StartOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Runs devk on a terminal of this width; without it the output goes into pipes. */
  readonly columns?: number
  /**
   * Runs devk as a user without groups, who may not use the Docker socket. The user may read every file, because the checkout may
   * lie in root's home.
   */
  readonly unprivileged?: boolean
}

/** A devk that has ended. */
export interface Finished {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A devk that runs while the test goes on. */
export interface Running {
  readonly child: ChildProcess
  /** What devk has written so far to both outputs. */
  output(): string
  /** Presses keys; only on a terminal. */
  type(keys: string): void
  /** Resolves with the match once the output holds it. Rejects after the timeout, or when devk ends first. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>
  finished: Promise<Finished>
}

/** Runs devk as a user does, with a state and data folder of its own, and with the cache of this machine. */
export interface Devk {
  /** Runs devk to its end. */
  run(args: readonly string[], options?: StartOptions): Promise<Finished>
  /** Starts devk and does not wait for its end. */
  start(args: readonly string[], options?: StartOptions): Running
  readonly stateHome: string
  /** Removes the state folder. */
  dispose(): Promise<void>
}

/** A devk whose commands run in the folder `cwd`. */
export async function devkIn(cwd: string): Promise<Devk> {
  const stateHome = await mkdtemp(join(tmpdir(), 'devk-state-'))
  const start: Devk['start'] = (args, options = {}) => {
    const [command, words] = commandLine(args, options)
    // With CI set, as it may be for these tests, devk would neither stay nor ask on a terminal.
    const own = { XDG_STATE_HOME: stateHome, XDG_DATA_HOME: stateHome, NO_COLOR: '1', CI: undefined }
    const terminal = options.columns === undefined ? {} : { TERM: 'xterm' }
    const env = { ...process.env, ...own, ...terminal, ...options.env }
    const child = spawn(command, words, { cwd: options.cwd ?? cwd, env, detached: true })
    if (options.columns === undefined) child.stdin.end()
    return collect(child)
  }
  return {
    stateHome,
    start,
    run: (args, options) => start(args, options).finished,
    dispose: () => rm(stateHome, { recursive: true, force: true }),
  }
}

/** Keeps what a process writes, and lets a test wait for it. */
export function collect(child: ChildProcessWithoutNullStreams): Running {
  let [stdout, stderr] = ['', '']
  const output = () => stdout + stderr
  const listeners = new Set<() => void>()
  const notify = () => {
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', (chunk) => {
    stdout += chunk
    notify()
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
    notify()
  })
  const waitFor: Running['waitFor'] = (pattern, timeoutMs = 60_000) =>
    new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer)
        listeners.delete(check)
        settle()
      }
      const check = () => {
        const match = output().match(pattern)
        if (match) end(() => resolve(match))
      }
      const fail = (why: string) => end(() => reject(new Error(`${why} before ${pattern}:\n${output().slice(-4000)}`)))
      const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs)
      listeners.add(check)
      child.once('close', () => setImmediate(() => listeners.has(check) && fail('devk ended')))
      check()
    })
  const finished = once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number | null, stdout, stderr }))
  return { child, output, waitFor, finished, type: (keys) => void child.stdin.write(keys) }
}

function commandLine(args: readonly string[], options: StartOptions): [string, readonly string[]] {
  if (options.columns !== undefined) return onTerminal(args, options.columns)
  if (options.unprivileged !== true) return [launcher, args]
  const user = ['--reuid=65534', '--regid=65534', '--clear-groups']
  return ['setpriv', [...user, '--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search', launcher, ...args]]
}

/** script(1) runs a command on a terminal; its standard output is what the terminal shows. */
function onTerminal(args: readonly string[], columns: number): [string, string[]] {
  const words = [launcher, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  return ['script', ['--quiet', '--flush', '--return', '--command', `stty cols ${columns}; exec ${words}`, '/dev/null']]
}

/** All lines that a terminal showed at any time, without escape sequences for cursor and colour. */
export function shownLines(output: string): string[] {
  const esc = String.fromCharCode(27)
  const sequence = new RegExp(`${esc}\\[[0-9;?]*[A-Za-z]`, 'g')
  return output
    .replace(sequence, '')
    .split(/[\r\n]+/)
    .filter((line) => line !== '')
}

/** Kills a devk and everything that it started, with SIGKILL. */
export function killGroup(running: Running): void {
  if (running.child.pid !== undefined) process.kill(-running.child.pid, 'SIGKILL')
}
