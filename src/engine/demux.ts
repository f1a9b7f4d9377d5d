import { PassThrough, type Readable } from 'node:stream'

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
  let pending: Buffer = Buffer.alloc(0)
  let left = 0
  let target = stdout
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      let rest: Buffer = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      pending = Buffer.alloc(0)
      while (rest.length > 0) {
        if (left === 0) {
          if (rest.length < 8) {
            pending = rest
            break
          }
          target = rest[0] === 2 ? stderr : stdout
          left = rest.readUInt32BE(4)
          rest = rest.subarray(8)
          continue
        }
        const piece = rest.subarray(0, left)
        rest = rest.subarray(piece.length)
        left -= piece.length
        if (!target.write(piece)) await drained(target)
      }
    }
  } catch {
    // A cut connection is the end of both; the exit code says whether it was a failure.
  }
  stdout.end()
  stderr.end()
}

function drained(stream: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done)
      resolve()
    }
    stream.on('drain', done).on('close', done)
  })
}
