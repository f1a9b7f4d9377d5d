import { setTimeout as sleep } from 'node:timers/promises'
import { endTree } from '../exec/end-tree.ts'
import type { Child, Runner } from '../exec/runner.ts'
import { duration, messageOf } from '../lib/text.ts'

/** A program of the repository, and how to run it. */
export interface LocalCommand {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

/** How it ended. */
export interface LocalResult {
  /** Why it did not succeed: `failed with exit code 2`. */
  readonly problem: string | undefined
  /** The end of what it wrote to both streams. */
  readonly output: string
}

/** How much of the output is kept, in bytes. */
const keptBytes = 64 * 1024
const graceMs = 1000

/**
 * Runs a command on this machine. It ends with everything that it has started when its time is over, and when the
 * signal is aborted; throws the reason of the signal then.
 */
export async function runLocal(
  runner: Pick<Runner, 'spawn'>,
  { argv, cwd, env, timeoutMs }: LocalCommand,
  signal: AbortSignal,
): Promise<LocalResult> {
  signal.throwIfAborted()
  const [program = '', ...args] = argv
  let child: Child
  try {
    child = runner.spawn(program, args, { cwd, env })
  } catch (error) {
    return { problem: `could not be started: ${messageOf(error)}`, output: '' }
  }
  child.stdin.end()
  let kept = Buffer.alloc(0)
  const keep = (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-keptBytes)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), timeoutMs)
  const over = AbortSignal.any([signal, late.signal])
  try {
    const exitCode = await endedWith(child, over)
    signal.throwIfAborted()
    return {
      problem: problemOf(child, exitCode, late.signal.aborted ? timeoutMs : undefined, program),
      output: String(kept),
    }
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves with the exit code; after the signal with null, when the program and its descendants are ended. */
async function endedWith({ pid, done }: Child, signal: AbortSignal): Promise<number | null> {
  const stopped = new Promise<'stopped'>((resolve) => {
    if (signal.aborted) resolve('stopped')
    signal.addEventListener('abort', () => resolve('stopped'), { once: true })
  })
  const first = await Promise.race([done, stopped])
  if (first !== 'stopped') return first
  if (pid !== undefined) await endTree(process.platform, pid, done)
  // Whoever got away keeps its output open.
  await Promise.race([done, sleep(graceMs, undefined, { ref: false })])
  return null
}

function problemOf({ pid }: Child, exitCode: number | null, lateMs: number | undefined, program: string) {
  if (lateMs !== undefined) return `did not end within ${duration(lateMs)}`
  if (pid === undefined) return `could not be started. Is ${program} installed, and in PATH?`
  if (exitCode === 0) return undefined
  return exitCode === null ? 'was ended by a signal' : `failed with exit code ${exitCode}`
}
