/** Largest piece of a file in one frame. */
export const chunkSize = 64 * 1024

/** What a child answers: a batch's errors, or why it serves no container. */
export type Answer =
  | { readonly type: 'done'; readonly errors: readonly FileError[] }
  | { readonly type: 'refused'; readonly reason: string }

export interface FileError {
  /** Place of the operation in its batch. */
  readonly index: number
  /** errno on the node. */
  readonly code: number
  readonly reason: string
}

const u32 = (...values: number[]): Buffer => {
  const out = Buffer.allocUnsafe(4 * values.length)
  for (const [i, value] of values.entries()) out.writeUInt32BE(value, 4 * i)
  return out
}
const sized = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  return Buffer.concat([u32(bytes.length), bytes])
}

/** A frame for one channel, as the agent reads it. */
export function frame(channel: number, data: Uint8Array): Buffer {
  return Buffer.concat([u32(channel, data.length), data])
}

/** What the agent is told, in the form it reads it. */
export const say = {
  open: (channel: number, containerId: string): Buffer =>
    frame(0, Buffer.concat([Buffer.from('O'), u32(channel), Buffer.from(containerId)])),
  close: (channel: number): Buffer => frame(0, Buffer.concat([Buffer.from('C'), u32(channel)])),
  file: (path: string, mode: number): Buffer => Buffer.concat([Buffer.from('F'), sized(path), u32(mode)]),
  chunk: (data: Uint8Array): Buffer => Buffer.concat([u32(data.length), data]),
  endOfFile: u32(0),
  /** The rest of the file will not come: what was sent of it is thrown away. */
  spoiled: u32(0xffffffff),
  link: (path: string, target: string): Buffer => Buffer.concat([Buffer.from('L'), sized(path), sized(target)]),
  remove: (path: string): Buffer => Buffer.concat([Buffer.from('D'), sized(path)]),
  endOfBatch: Buffer.from('E'),
} as const

/** Cuts the agent's output into frames, however the pipe cuts it. */
export function frameReader(onFrame: (channel: number, data: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= 8) {
      const end = 8 + rest.readUInt32BE(4)
      if (rest.length < end) return
      const channel = rest.readUInt32BE(0)
      const data = rest.subarray(8, end)
      rest = rest.subarray(end)
      onFrame(channel, data)
    }
  }
}

/** Cuts one channel's bytes into answers. */
export function answerReader(onAnswer: (answer: Answer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 5) {
      const end = 5 + rest.readUInt32BE(1)
      if (rest.length < end) return
      const body = rest.subarray(5, end)
      const refused = rest[0] === 'X'.charCodeAt(0)
      rest = rest.subarray(end)
      onAnswer(refused ? { type: 'refused', reason: body.toString() } : { type: 'done', errors: errorsOf(body) })
    }
  }
}

function errorsOf(body: Buffer): FileError[] {
  const errors: FileError[] = []
  for (let at = 4; at < body.length; ) {
    const length = body.readUInt32BE(at + 8)
    const reason = body.subarray(at + 12, at + 12 + length).toString()
    errors.push({ index: body.readUInt32BE(at), code: body.readUInt32BE(at + 4), reason })
    at += 12 + length
  }
  return errors
}
