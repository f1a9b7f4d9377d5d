import type { Duplex, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { finished, pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import type { ExecChild, Execs } from './api.ts'
import { type Client, type Docker, reasonOf, statusOf } from './client.ts'
import { demux } from './demux.ts'

/** Runs programs in containers through the engine's API. */
export function execApi(client: Client): Execs {
  const open = (
    container: string,
    argv: readonly string[],
    env: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) =>
    client.call(signal, async (docker): Promise<ExecChild> => {
      try {
        const exec = await docker.getContainer(container).exec({
          Cmd: [...argv],
          Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
          AttachStdin: true,
          AttachStdout: true,
          AttachStderr: true,
          abortSignal: signal,
        })
        return attach(exec, await exec.start({ hijack: true, stdin: true }), signal)
      } catch (error) {
        if (statusOf(error) === undefined) throw error
        throw new DevkError('COMMAND_FAILED', `${argv[0]} cannot run in ${container}: ${reasonOf(error)}`, {
          cause: error,
        })
      }
    })
  return {
    open: (container, argv, signal) => open(container, argv, {}, signal),
    async run(container, argv, options, signal) {
      const child = await open(container, argv, options.env ?? {}, signal)
      const output = Promise.all([text(child.stdout), text(child.stderr)])
      // A program may end before it has read its input, which closes the pipe; its exit code says whether it failed.
      await feed(child, options.stdin).catch(() => {})
      const [stdout, stderr] = await output
      const exitCode = await child.done
      signal.throwIfAborted()
      if (exitCode === null)
        throw new DevkError('COMMAND_FAILED', `The connection to ${argv[0]} in ${container} was lost`)
      return { exitCode, stdout, stderr }
    },
  }
}

async function feed(child: ExecChild, input: string | Uint8Array | Readable | undefined): Promise<void> {
  if (input === undefined || typeof input === 'string' || input instanceof Uint8Array) {
    child.stdin.end(input ?? '')
    await finished(child.stdin, { readable: false })
  } else {
    await pipeline(input, child.stdin)
  }
}

function attach(exec: Docker.Exec, socket: Duplex, signal: AbortSignal): ExecChild {
  const { stdout, stderr } = demux(socket)
  const cut = () => socket.destroy()
  signal.addEventListener('abort', cut, { once: true })
  // `done` reports the end of the socket. Without a listener, its error would end devk.
  socket.on('error', () => {})
  const ended = new Promise<void>((resolve) => socket.once('end', resolve).once('close', resolve))
  const done = ended.then(async () => {
    signal.removeEventListener('abort', cut)
    return signal.aborted ? null : exitCodeOf(exec)
  })
  return { stdin: socket, stdout, stderr, done, kill: cut }
}

/** Polls, because the stream ends shortly before the engine knows the exit code. null when it stays unknown. */
async function exitCodeOf(exec: Docker.Exec): Promise<number | null> {
  try {
    for (let tries = 0; tries < 200; tries++) {
      const state = await exec.inspect()
      if (!state.Running) return state.ExitCode
      await sleep(10)
    }
  } catch {
    // The engine or the container is gone: the exit code is unknown.
  }
  return null
}
