import { PassThrough, type Readable } from 'node:stream'
import { frameCutter } from '../lib/streams/frames.ts'
import { drained } from '../lib/wait.ts'

/**
 * Splits the engine's multiplexed stream (8 bytes of header: stream, 3 zeros, length; then the bytes) into stdout and
 * stderr. A reader that is slow holds the other end back, which dockerode's own demuxStream does not do.
 */
export function demux(source: Readable): { readonly stdout: Readable; readonly stderr: Readable } {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  void split(source, stdout, stderr)
  return { stdout, stderr }
}

async function split(source: Readable, stdout: PassThrough, stderr: PassThrough): Promise<void> {
  const cut = frameCutter({ headerBytes: 8, payloadBytes: (header) => header.readUInt32BE(4) })
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      for (const { header, payload } of cut(chunk)) {
        const target = header[0] === 2 ? stderr : stdout
        if (!target.write(payload)) await drained(target)
      }
    }
  } catch {
    // A cut connection is the end of both; the exit code says whether it was a failure.
  }
  stdout.end()
  stderr.end()
}
