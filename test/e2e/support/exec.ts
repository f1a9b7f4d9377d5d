import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { PodRef, PodStreams } from '../../../src/kube/api.ts'

export interface Executed {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command in a pod to its end, with this standard input when it is given. Rejects when the command could not be started. */
export async function execIn(
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
