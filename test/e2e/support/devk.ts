import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's own folder. */
export const repository = fileURLToPath(new URL('../../..', import.meta.url))
const launcher = join(repository, 'bin/devk')

export interface StartOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** On a terminal of this width; without it devk's output goes into pipes. */
  readonly columns?: number
  /** As a user of no group, who may read every file, as the checkout may be in root's home, and use no socket of root's. */
  readonly unprivileged?: boolean
}

export interface Finished {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A devk that runs beside the test; its output is kept as it comes. */
export interface Running {
  readonly child: ChildProcess
  output(): string
  /** Keys, on a terminal. */
  type(keys: string): void
  /** Resolves with the match once stdout or stderr holds it; rejects at the deadline or when devk ends first. */
  sees(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>
  finished: Promise<Finished>
}

/** Runs devk as a user does, with state and data folders of the test's own and the machine's real cache. */
export interface Devk {
  run(args: readonly string[], options?: StartOptions): Promise<Finished>
  start(args: readonly string[], options?: StartOptions): Running
  readonly stateHome: string
  dispose(): Promise<void>
}

export async function devkIn(cwd: string): Promise<Devk> {
  const stateHome = await mkdtemp(join(tmpdir(), 'devk-state-'))
  const start: Devk['start'] = (args, options = {}) => {
    const [command, words] = commandLine(args, options)
    const own = { XDG_STATE_HOME: stateHome, XDG_DATA_HOME: stateHome, NO_COLOR: '1' }
    // Who looks at a terminal is not a CI, even where these tests run in one.
    const terminal = options.columns === undefined ? {} : { CI: undefined, TERM: 'xterm' }
    const child = spawn(command, words, {
      cwd: options.cwd ?? cwd,
      env: { ...process.env, ...own, ...terminal, ...options.env },
      detached: true,
    })
    if (options.columns === undefined) child.stdin.end()
    let stdout = ''
    let stderr = ''
    const listeners = new Set<() => void>()
    const heard = () => {
      for (const listener of listeners) listener()
    }
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      heard()
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
      heard()
    })
    const finished = once(child, 'close').then(([exitCode]) => ({
      exitCode: exitCode as number | null,
      stdout,
      stderr,
    }))
    const output = () => stdout + stderr
    return {
      child,
      output,
      type: (keys) => void child.stdin.write(keys),
      finished,
      sees: (pattern, timeoutMs = 60_000) =>
        new Promise((resolve, reject) => {
          const end = (settle: () => void) => {
            clearTimeout(timer)
            listeners.delete(look)
            settle()
          }
          const look = () => {
            const match = output().match(pattern)
            if (match) end(() => resolve(match))
          }
          const fail = (why: string) =>
            end(() => reject(new Error(`${why} before ${pattern}:\n${output().slice(-4000)}`)))
          const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs)
          listeners.add(look)
          child.once('close', () => setImmediate(() => listeners.has(look) && fail('devk ended')))
          look()
        }),
    }
  }
  return {
    stateHome,
    start,
    run: (args, options) => start(args, options).finished,
    dispose: () => rm(stateHome, { recursive: true, force: true }),
  }
}

function commandLine(args: readonly string[], options: StartOptions): [string, readonly string[]] {
  if (options.columns !== undefined) return onTerminal(args, options.columns)
  if (options.unprivileged !== true) return [launcher, args]
  const user = ['--reuid=65534', '--regid=65534', '--clear-groups']
  return ['setpriv', [...user, '--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search', launcher, ...args]]
}

/** script(1) gives a command a terminal; what is shown there comes as its standard output. */
function onTerminal(args: readonly string[], columns: number): [string, string[]] {
  const words = [launcher, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  return ['script', ['--quiet', '--flush', '--return', '--command', `stty cols ${columns}; exec ${words}`, '/dev/null']]
}

/** The lines that a terminal showed at any time, without what moves the cursor or colours them. */
export function shownLines(output: string): string[] {
  const esc = String.fromCharCode(27)
  const sequence = new RegExp(`${esc}\\[[0-9;?]*[A-Za-z]`, 'g')
  return output
    .replace(sequence, '')
    .split(/[\r\n]+/)
    .filter((line) => line !== '')
}

/** Ends a devk and everything it started at once, as a crash does. */
export function killGroup(running: Running): void {
  if (running.child.pid !== undefined) process.kill(-running.child.pid, 'SIGKILL')
}
