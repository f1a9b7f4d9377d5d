import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Writable } from 'node:stream'

/** How large a log may become; then its older half is dropped. */
const mostBytes = 1024 * 1024

/** Opens a new, empty log that only its owner can read, for a process that appends to it. */
export function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // What is there may be a link, or readable for others.
  rmSync(file, { force: true })
  return openSync(file, 'ax', 0o600)
}

/**
 * A stream that appends to a log which `openLog` made, and keeps the newest part of it. Others may append meanwhile. A
 * log that cannot be written, as on a full disk, must not end its writer.
 */
export function boundedLog(file: string, most = mostBytes): Writable {
  return new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _encoding, done) {
      try {
        append(file, chunk, most)
      } catch {
        // The line is lost.
      }
      done()
    },
  })
}

function append(file: string, chunk: Buffer, most: number): void {
  // Without O_CREAT: a log that was removed stays so.
  const log = openSync(file, constants.O_RDWR | constants.O_APPEND)
  try {
    const { size } = fstatSync(log)
    const kept = size + chunk.length > most ? newest(log, size, most / 2) : undefined
    if (kept !== undefined) ftruncateSync(log, 0)
    writeSync(log, kept === undefined ? chunk : Buffer.concat([kept, chunk.subarray(-most / 2)]))
  } finally {
    closeSync(log)
  }
}

/** The last bytes of a file, from the beginning of a line on. */
function newest(log: number, size: number, most: number): Buffer {
  const length = Math.min(size, Math.floor(most))
  const end = Buffer.alloc(length)
  readSync(log, end, 0, length, size - length)
  return length === size ? end : end.subarray(end.indexOf('\n') + 1)
}
