import { type Readable, Writable } from 'node:stream'
import type { PodStreams } from '../kube/api.ts'
import type { SyncTarget } from './syncer.ts'

/** How much of the output of a command is kept, in bytes. */
const keptBytes = 32 * 1024

/** Runs a command in a container through the API server. Resolves with its exit code and the end of its output. */
export async function runInContainer(
  streams: Pick<PodStreams, 'exec'>,
  { pod, container }: SyncTarget,
  { argv, stdin }: { readonly argv: readonly string[]; readonly stdin?: Readable },
  signal: AbortSignal,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  let output = Buffer.alloc(0)
  // Both streams in one, in the order in which they come.
  const keep = new Writable({
    write(chunk: Buffer, _encoding, done) {
      output = Buffer.concat([output, chunk]).subarray(-keptBytes)
      done()
    },
  })
  const options = { container, stdin, stdout: keep, stderr: keep, tty: false, signal }
  const exitCode = await streams.exec(pod, argv, options)
  return { exitCode, output: output.toString('utf8') }
}
