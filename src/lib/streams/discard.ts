import { Writable } from 'node:stream'

/** A stream that drops what is written into it. */
export function discard(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
