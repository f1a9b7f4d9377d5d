import { uint32 } from '../lib/frames.ts'

/** Largest piece of a file that is sent at once. */
export const pieceBytes = 64 * 1024

const sized = (bytes: Uint8Array): Buffer => Buffer.concat([uint32(bytes.length), bytes])
const text = (value: string): Buffer => sized(Buffer.from(value))

/** The parts of a batch, in the form in which the agent reads them: see agent/internal/files/batch.go. */
export const operation = {
  /** Pieces follow, and one of the two ends of a file. */
  file: (path: string, mode: number): Buffer => Buffer.concat([Buffer.from('F'), text(path), uint32(mode)]),
  piece: sized,
  endOfFile: uint32(0),
  /** The rest of the file does not come: it is left as it was. */
  spoiled: uint32(0xffffffff),
  link: (path: string, target: string): Buffer => Buffer.concat([Buffer.from('L'), text(path), text(target)]),
  remove: (path: string): Buffer => Buffer.concat([Buffer.from('D'), text(path)]),
} as const

export interface FileError {
  /** Place of the operation in its batch. */
  readonly index: number
  /** errno on the node. */
  readonly code: number
  readonly reason: string
}

/** Reads the agent's answer to a batch. */
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
