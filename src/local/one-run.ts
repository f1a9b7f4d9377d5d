import { setTimeout as sleep } from 'node:timers/promises'
import { endGroup, ownGroup } from '../exec/end-group.ts'
import type { Child, Runner } from '../exec/runner.ts'
import { splitLines } from '../lib/streams/lines.ts'
import { messageOf } from '../lib/text.ts'

/** What to start, and who reads what it writes. */
export interface RunRequest {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Its input ends at once; by default it stays open. */
  readonly endsInput?: boolean
  /** Called with each line of both streams; the next one of the same stream waits for it. */
  onLine(line: string, stream: 'stdout' | 'stderr'): Promise<void>
}

/** A started program of this machine. */
export interface OneRun {
  /** Resolves with why it does not run any more; never rejects. */
  readonly ended: Promise<Ending>
  /** Ends it, with all that it has started. */
  end(): Promise<void>
}

/** How a program has ended by itself. */
export interface Ending {
  readonly failed: boolean
  /** `exit code 1`. */
  readonly reason: string
  /** undefined if it has none: a signal ended it, or it could not be started. */
  readonly exitCode?: number
}

/** Longer lines are cut, in bytes. */
const longestLine = 64 * 1024
const patienceMs = 500

/** Starts a program. It ends with devk, and nothing that it has started is left then. Never throws. */
export function startRun(runner: Pick<Runner, 'spawn'>, { argv, cwd, env, endsInput, onLine }: RunRequest): OneRun {
  const [program = '', ...args] = argv
  const { platform } = process
  let child: Child
  try {
    // Ctrl-C in the terminal is for devk, which then ends the program in order.
    child = runner.spawn(program, args, { cwd, env, leadsGroup: true })
  } catch (error) {
    const reason = `it could not be started: ${messageOf(error)}`
    return { ended: Promise.resolve({ failed: true, reason }), end: async () => {} }
  }
  const { pid } = child
  if (pid !== undefined) ownGroup(platform, pid)
  // By default the input stays open: development servers take its end for the end of the terminal, and so for their
  // own. After `kill -9` of devk this is what ends them.
  if (endsInput) child.stdin.end()
  const read = (['stdout', 'stderr'] as const).map((name) => readLines(child[name], (line) => onLine(line, name)))
  let ending: Promise<void> | undefined
  const end = () => {
    ending ??= pid === undefined ? Promise.resolve() : endGroup(platform, pid)
    return ending
  }
  const ended = child.exited.then(async (exitCode): Promise<Ending> => {
    // What it has left would hold its ports.
    await end()
    // Whoever got away keeps the output open.
    await Promise.race([Promise.all(read), sleep(patienceMs, undefined, { ref: false })])
    if (pid === undefined) return { failed: true, reason: `it could not be started. Is ${program} installed?` }
    const reason = exitCode === null ? 'a signal ended it' : `exit code ${exitCode}`
    return { failed: exitCode !== 0, reason, ...(exitCode === null ? {} : { exitCode }) }
  })
  return {
    ended,
    async end() {
      await end()
      await ended
    },
  }
}

async function readLines(stream: Child['stdout'], onLine: (line: string) => Promise<void>): Promise<void> {
  try {
    for await (const { bytes, cut } of splitLines(stream, longestLine)) {
      await onLine(`${bytes.toString('utf8').replace(/\r$/, '')}${cut > 0 ? ' …' : ''}`)
    }
  } catch {
    // A stream that breaks ends with the program.
  }
}
