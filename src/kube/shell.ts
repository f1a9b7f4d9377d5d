import { randomBytes } from 'node:crypto'
import { PassThrough, type Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import { discard } from '../lib/streams/discard.ts'
import { messageOf } from '../lib/text.ts'
import type { PodRef, PodStreams } from './api.ts'

/** A terminal. `resize` is emitted when its size changes. */
export type TerminalOutput = Writable & { readonly columns: number; readonly rows: number }

/** Where a shell runs, and its terminal. */
export interface ShellOptions {
  readonly container: string
  readonly stdin: Readable
  readonly stdout: TerminalOutput
  /** Ends the shell, and what it has started. */
  readonly signal: AbortSignal
  /** How long the container hears nothing from devk before it ends the shell, seconds; 15 if not given. */
  readonly silence?: number
}

/** Starts bash, or sh where there is none. First it writes a line with $1 and its process ID, which stays the same. */
const shellScript = [
  'printf "%s %s\\n" "$1" "$$"',
  'export TERM=xterm-256color',
  'command -v bash >/dev/null 2>&1 && exec bash',
  'exec sh',
].join('\n')

/**
 * Reads the process ID of a shell, waits for the end of its input or until no line has come for $1 seconds, and then
 * ends all processes of the session of the shell. No process of a terminal notices that its client is gone, because the
 * container runtime keeps the terminal open; and a client that is killed does not end the input. It uses only what each
 * sh has built in, and goes on without `sleep`. Only a sh whose `read` has no -t, beside no bash, waits for the end.
 */
const guardianScript = [
  // The container runtime kills the program of an exec whose client is gone, but not what that has started.
  'exec 3<&0',
  '{',
  'read -r leader || exit 0',
  'limit="-t $1"',
  'echo x | { read -r $limit ignored; } 2>/dev/null || limit=',
  'while read -r $limit ignored; do :; done',
  // In /proc/PID/stat the name of the program is in parentheses; state, parent, group and session follow.
  'signal() { found=; for stat in /proc/[0-9]*/stat; do',
  '  { read -r line < "$stat"; } 2>/dev/null || continue',
  `  pid=\${stat#/proc/}; pid=\${pid%/stat}; set -- "$1" \${line##*) }`,
  '  if [ "$5" = "$leader" ] && [ "$2" != Z ]; then found=1; kill -"$1" "$pid" 2>/dev/null; fi',
  'done; }',
  'signal HUP',
  '[ -z "$found" ] && exit 0',
  'signal CONT',
  'sleep 1 2>/dev/null',
  'signal KILL',
  '} <&3 3<&- &',
  'wait',
].join('\n')

/** Runs a script by bash where there is one: the sh of Debian cannot limit the time of a `read`. */
const byBash = 'command -v bash >/dev/null 2>&1 && exec bash -c "$@"; exec sh -c "$@"'

/** See `ShellOptions`. */
const defaultSilence = 15

/** How long the processes of a shell may take to end, milliseconds. Then its connections are cut. */
const patienceMs = 4000

/**
 * Runs a shell with a terminal in a container, until it ends or the signal ends it. Returns its exit code. Nothing that
 * the shell has started in its session goes on after it, also when devk is killed. Throws KUBE_API when no shell
 * can be started or the connection breaks.
 */
export async function runShell(
  { exec }: Pick<PodStreams, 'exec'>,
  pod: PodRef,
  { container, stdin, stdout, signal, silence = defaultSilence }: ShellOptions,
): Promise<number> {
  signal.throwIfAborted()
  const cut = new AbortController()
  const mark = randomBytes(8).toString('hex')
  const toGuardian = new PassThrough()
  const shared = { container, signal: cut.signal }
  const guardian = exec(pod, ['sh', '-c', byBash, 'sh', guardianScript, 'sh', String(silence)], {
    ...shared,
    stdin: toGuardian,
    stdout: discard(),
    stderr: discard(),
    tty: false,
  })
  const guarded = guardian.then(
    () => {},
    (error: unknown) => cut.abort(error),
  )
  let started = false
  const beat = setInterval(() => started && toGuardian.write('\n'), (silence * 1000) / 3)
  const known = Promise.withResolvers<void>()
  const patience = () => sleep(patienceMs, undefined, { ref: false })
  const shown = afterFirstLine(stdout, (line) => {
    const pid = new RegExp(`^${mark} (\\d+)$`).exec(line.trim())?.[1]
    if (pid === undefined) return false
    started = true
    if (!toGuardian.writableEnded) toGuardian.write(`${pid}\n`)
    known.resolve()
    return true
  })
  const end = async () => {
    // A shell that is just starting has to be known to its guardian.
    await Promise.race([known.promise, patience()])
    clearInterval(beat)
    toGuardian.end()
    await Promise.race([guarded, patience()])
    cut.abort(signal.reason)
  }
  const onAbort = () => void end()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const command = ['sh', '-c', shellScript, 'sh', mark]
    const exitCode = await exec(pod, command, { ...shared, stdin, stdout: shown, stderr: shown, tty: true })
    if (!started) throw new Error(`sh ended with exit code ${exitCode}`)
    return exitCode
  } catch (error) {
    if (started || signal.aborted) throw error
    throw noShell(pod, container, error)
  } finally {
    signal.removeEventListener('abort', onAbort)
    known.resolve()
    await end()
  }
}

function noShell({ namespace, name }: PodRef, container: string, cause: unknown): DevkError {
  const text = `No shell could be started in container ${container} of pod ${name}: ${messageOf(cause)}`
  return new DevkError('KUBE_API', text, {
    cause,
    hint:
      'Images without sh have no shell. This starts a container beside it that has one: ' +
      `kubectl debug -n ${namespace} -it ${name} --image=busybox --target=${container}`,
  })
}

/** The longest first line, bytes. */
const longestLine = 200

/**
 * The terminal without its first line, which `take` gets. When that does not take it, the line is shown as well. The
 * size of it is that of the terminal.
 */
function afterFirstLine(terminal: TerminalOutput, take: (line: string) => boolean): TerminalOutput {
  let first: Buffer | undefined = Buffer.alloc(0)
  const rest = (chunk: Buffer): Buffer => {
    if (first === undefined) return chunk
    first = Buffer.concat([first, chunk])
    const end = first.indexOf('\n')
    if (end < 0 && first.length < longestLine) return Buffer.alloc(0)
    const all = first
    first = undefined
    return end >= 0 && take(all.toString('utf8', 0, end)) ? all.subarray(end + 1) : all
  }
  const shown = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const bytes = rest(chunk)
      if (bytes.length === 0) done()
      else terminal.write(bytes, done)
    },
  })
  terminal.on('resize', () => shown.emit('resize'))
  return Object.defineProperties(shown, {
    columns: { get: () => terminal.columns },
    rows: { get: () => terminal.rows },
  }) as TerminalOutput
}
