import type { Duplex } from 'node:stream'

/** Resolves when a stream is closed, whatever its errors are. Never rejects. */
export function closed(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    stream.on('error', () => {})
    if (stream.closed) return resolve()
    stream.once('close', resolve)
  })
}
