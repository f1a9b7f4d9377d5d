import { type Duplex, PassThrough, type Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DevkError } from '../../errors.ts'
import { messageOf } from '../../lib/text.ts'
import type { ExecOptions, PodRef } from '../api.ts'
import type { ApiStatus } from '../client/errors.ts'
import type { Http } from '../client/http.ts'
import { openSession } from './upgrade.ts'

/**
 * Runs a command in a container. Returns its exit code after all output is written. Throws KUBE_API when the command
 * cannot be started or the connection breaks.
 */
export async function execInPod(
  http: Http,
  pod: PodRef,
  command: readonly string[],
  options: ExecOptions,
): Promise<number> {
  const { signal, tty } = options
  const query = new URLSearchParams(command.map((word): [string, string] => ['command', word]))
  if (options.container) query.set('container', options.container)
  if (options.stdin) query.set('stdin', 'true')
  query.set('stdout', 'true')
  query.set(tty ? 'tty' : 'stderr', 'true')
  const session = await openSession(
    http,
    pod,
    { name: 'exec', query: `?${query}`, protocol: 'v4.channel.k8s.io' },
    signal,
  )
  const onAbort = () => session.close()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const stream = (streamType: string) => session.open({ streamType }, 'ends')
    const status = stream('error')
    const stdin = options.stdin && stream('stdin')
    const stdout = stream('stdout')
    const stderr = tty ? undefined : stream('stderr')
    const resize = tty ? stream('resize') : undefined
    const sent = [stdin, stdout, stderr, resize].filter((one) => one !== undefined)
    // When a stream breaks, the status stream breaks as well and reports it.
    for (const one of sent) one.on('error', () => {})
    status.end()
    if (stdin && options.stdin) pipeStdin(options.stdin, stdin)
    const stopResizing = resize && followSize(options.stdout, resize)
    try {
      const outputs = [drain(stdout, options.stdout), ...(stderr ? [drain(stderr, options.stderr)] : [])]
      // When the session breaks, all outputs reject. The first rejection is enough.
      for (const output of outputs) output.catch(() => {})
      const text = await readText(status)
      await Promise.all(outputs)
      return exitCodeOf(pod, text)
    } finally {
      stopResizing?.()
      if (stdin) options.stdin?.unpipe(stdin)
    }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof DevkError) throw error
    const reason = messageOf(error)
    throw new DevkError('KUBE_API', `exec in pod ${pod.namespace}/${pod.name} was interrupted: ${reason}`, {
      cause: error,
    })
  } finally {
    signal.removeEventListener('abort', onAbort)
    session.close()
  }
}

/** Copies until the end of `from`. Leaves `to` open, since the caller owns it. */
async function drain(from: Readable, to: Writable): Promise<void> {
  const relay = new PassThrough()
  relay.pipe(to, { end: false })
  await pipeline(from, relay)
  // Everything in the relay must reach `to` before the exit code is returned.
  if (!relay.readableEnded) await new Promise((resolve) => relay.once('end', resolve))
}

/** Closes the command's stdin when `from` fails, so that the command does not wait for it forever. */
function pipeStdin(from: Readable, to: Duplex): void {
  from.pipe(to)
  from.once('error', () => to.end())
}

async function readText(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** Reads the exit code from the Status that the kubelet sends at the end. */
function exitCodeOf(pod: PodRef, text: string): number {
  if (text === '') throw new Error('the kubelet sent no status')
  const status = JSON.parse(text) as ApiStatus & { status?: string }
  if (status.status === 'Success') return 0
  const exit = status.details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message
  if (status.reason === 'NonZeroExitCode' && exit !== undefined) return Number(exit)
  throw new DevkError('KUBE_API', `exec in pod ${pod.namespace}/${pod.name}: ${status.message ?? text}`, {
    cause: status,
  })
}

/**
 * Sends the size of the user's terminal to the container, now and whenever it changes. Returns a function that stops
 * it.
 */
function followSize(terminal: Writable, resize: Writable): () => void {
  const sized = terminal as Writable & { columns?: number; rows?: number }
  const send = () => {
    if (sized.columns && sized.rows) resize.write(`${JSON.stringify({ Width: sized.columns, Height: sized.rows })}\n`)
  }
  send()
  terminal.on('resize', send)
  return () => void terminal.off('resize', send)
}
