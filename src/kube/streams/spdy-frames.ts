import { frameCutter, type RawFrame, uint32 } from '../../lib/streams/frames.ts'

/**
 * Frames of SPDY/3.1 (the Chromium project's draft 3.1), as far as the streaming protocols of the API server use them.
 * Header blocks are sent as stored deflate blocks, which every zlib reader accepts, so no compressor and no dictionary
 * is needed. devk reads no header blocks of responses.
 */
export const frameType = { syn: 1, reply: 2, reset: 3, ping: 6, goAway: 7 } as const

/** Flag of a frame that half-closes its stream. */
export const finFlag = 1

/** A received frame. */
export type Frame =
  | { readonly kind: 'data'; readonly stream: number; readonly fin: boolean; readonly payload: Buffer }
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly payload: Buffer }

/**
 * The header of a data frame. `fin` half-closes the stream. The payload is written separately, so that it is not
 * copied.
 */
export function dataHeader(stream: number, length: number, fin: boolean): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(stream, 0)
  header.writeUInt32BE(length, 4)
  header[4] = fin ? finFlag : 0
  return header
}

/** A control frame with its payload. */
export function controlFrame(type: number, flags: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt16BE(0x8003, 0)
  header.writeUInt16BE(type, 2)
  header.writeUInt32BE(payload.length, 4)
  header[4] = flags
  return Buffer.concat([header, payload])
}

/**
 * Opens a stream. `first`: no header block was sent before on this connection. Only the first one starts with the zlib
 * header.
 */
export function synStream(id: number, headers: Readonly<Record<string, string>>, first: boolean): Buffer {
  const ids = Buffer.alloc(10)
  ids.writeUInt32BE(id, 0)
  return controlFrame(frameType.syn, 0, Buffer.concat([ids, headerBlock(headers, first)]))
}

/** Cancels a stream. */
export function resetStream(id: number): Buffer {
  const payload = Buffer.alloc(8)
  payload.writeUInt32BE(id, 0)
  payload.writeUInt32BE(5, 4) // CANCEL
  return controlFrame(frameType.reset, 0, payload)
}

function headerBlock(headers: Readonly<Record<string, string>>, first: boolean): Buffer {
  const entries = Object.entries(headers)
  const block = Buffer.concat([
    uint32(entries.length),
    ...entries.flatMap(([name, value]) => [name.toLowerCase(), value]).flatMap(lengthAndText),
  ])
  const stored = Buffer.alloc(5)
  stored.writeUInt16LE(block.length, 1)
  stored.writeUInt16LE(block.length ^ 0xffff, 3)
  // Go's zlib reader returns buffered data only at an empty block, which marks a flush.
  const flush = Buffer.from([0, 0, 0, 0xff, 0xff])
  return Buffer.concat([first ? Buffer.from([0x78, 0x01]) : Buffer.alloc(0), stored, block, flush])
}

function lengthAndText(text: string): Buffer[] {
  return [uint32(Buffer.byteLength(text)), Buffer.from(text)]
}

const headerBytes = 8

/** Cuts what comes from the other side into frames. */
export function frameReader(): (chunk: Buffer) => Frame[] {
  const cut = frameCutter({ headerBytes, payloadBytes: (header) => header.readUInt32BE(4) & 0xffffff })
  return (chunk) => cut(chunk).map(frameOf)
}

function frameOf({ header, payload }: RawFrame): Frame {
  const flags = header[4] ?? 0
  if (((header[0] ?? 0) & 0x80) === 0) {
    return { kind: 'data', stream: header.readUInt32BE(0) & 0x7fffffff, fin: (flags & finFlag) !== 0, payload }
  }
  return { kind: 'control', type: header.readUInt16BE(2), flags, payload }
}
