import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { PodRef, PodStreams } from '../../../../src/kube/api.ts'

/** Exit code and outputs of a command. */
export interface Executed {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command in a pod to its end, with this standard input if given. Rejects when the command cannot be started. */
export async function execInPod(
  streams: PodStreams,
  pod: PodRef,
  command: readonly string[],
  { input, signal }: { input?: Buffer | undefined; signal: AbortSignal },
): Promise<Executed> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const texts = Promise.all([text(stdout), text(stderr)])
  const stdin = input && Readable.from([input])
  const code = await streams.exec(pod, command, { stdin, stdout, stderr, tty: false, signal })
  stdout.end()
  stderr.end()
  const [out, err] = await texts
  return { code, out, err }
}
