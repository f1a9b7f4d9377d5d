import { createInterface } from 'node:readline'
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
  /** Called with each line of both streams, for a progress display. */
  readonly onLine?: (line: string) => void
}

/** How it ended. */
export interface LocalResult {
  /** Why it did not succeed: `failed with exit code 2`. */
  readonly problem: string | undefined
  /** The end of what it wrote to both streams. */
  readonly output: string
  /** The last line of its standard output that is not empty. */
  readonly lastLine: string | undefined
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
  { argv, cwd, env, timeoutMs, onLine }: LocalCommand,
  signal: AbortSignal,
): Promise<LocalResult> {
  signal.throwIfAborted()
  const [program = '', ...args] = argv
  let child: Child
  try {
    child = runner.spawn(program, args, { cwd, env })
  } catch (error) {
    return { problem: `could not be started: ${messageOf(error)}`, output: '', lastLine: undefined }
  }
  child.stdin.end()
  let kept = Buffer.alloc(0)
  const keep = (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-keptBytes)
  }
  let stdout = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    stdout = Buffer.concat([stdout, chunk]).subarray(-keptBytes)
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', keep)
    if (onLine !== undefined) createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine)
  }
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), timeoutMs)
  const over = AbortSignal.any([signal, late.signal])
  try {
    const exitCode = await endedWith(child, over)
    signal.throwIfAborted()
    return {
      problem: problemOf(child, exitCode, late.signal.aborted ? timeoutMs : undefined, program),
      output: String(kept),
      lastLine: linesOf(String(stdout)).at(-1),
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

/** The lines that are not empty, without spaces around them. Pure. */
function linesOf(text: string): string[] {
  return text
    .split(/[\r\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function problemOf({ pid }: Child, exitCode: number | null, lateMs: number | undefined, program: string) {
  if (lateMs !== undefined) return `did not end within ${duration(lateMs)}`
  if (pid === undefined) return `could not be started. Is ${program} installed, and in PATH?`
  if (exitCode === 0) return undefined
  return exitCode === null ? 'was ended by a signal' : `failed with exit code ${exitCode}`
}
