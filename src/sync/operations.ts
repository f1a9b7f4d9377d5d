import { uint32 } from '../lib/streams/frames.ts'

/** The largest piece of a file, in bytes. Larger files are sent in several pieces. */
export const pieceBytes = 64 * 1024

const sized = (bytes: Uint8Array): Buffer => Buffer.concat([uint32(bytes.length), bytes])
const text = (value: string): Buffer => sized(Buffer.from(value))

/** Encodes the parts of a batch. agent/internal/files/batch.go describes the format. */
export const operation = {
  /** Starts a file. Its pieces follow, then `endOfFile` or `spoiled`. */
  file: (path: string, mode: number): Buffer => Buffer.concat([Buffer.from('F'), text(path), uint32(mode)]),
  piece: sized,
  endOfFile: uint32(0),
  /** The rest of the file could not be read here: the agent discards the pieces and leaves the old file as it is. */
  spoiled: uint32(0xffffffff),
  link: (path: string, target: string): Buffer => Buffer.concat([Buffer.from('L'), text(path), text(target)]),
  remove: (path: string): Buffer => Buffer.concat([Buffer.from('D'), text(path)]),
} as const

/** An operation that failed. */
export interface FileError {
  /** Index of the operation in its batch. */
  readonly index: number
  /** errno on the node. */
  readonly code: number
  readonly reason: string
}

/** Decodes the agent's answer to a batch. */
export function fileErrors(answer: Buffer): FileError[] {
  const errors: FileError[] = []
  for (let at = 0; at < answer.length; ) {
    const end = at + 12 + answer.readUInt32BE(at + 8)
    const reason = String(answer.subarray(at + 12, end))
    errors.push({ index: answer.readUInt32BE(at), code: answer.readUInt32BE(at + 4), reason })
    at = end
  }
  return errors
}
