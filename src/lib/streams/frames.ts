/** The frames of a protocol: a header with a fixed length that contains the length of the payload. */
export interface FrameShape {
  readonly headerBytes: number
  payloadBytes(header: Buffer): number
}

/** One frame, cut but not decoded. */
export interface RawFrame {
  readonly header: Buffer
  readonly payload: Buffer
}

/**
 * Returns a function that takes the chunks of a byte stream and returns the frames that they complete. It keeps
 * incomplete frames. The chunks of a long frame are joined once, when its last chunk arrives.
 */
export function frameCutter({ headerBytes, payloadBytes }: FrameShape): (chunk: Buffer) => RawFrame[] {
  let parts: Buffer[] = []
  let have = 0
  let need = headerBytes
  return (chunk) => {
    parts.push(chunk)
    have += chunk.length
    if (have < need) return []
    let rest = parts.length === 1 ? chunk : Buffer.concat(parts, have)
    const frames: RawFrame[] = []
    for (;;) {
      need = headerBytes
      if (rest.length < need) break
      const header = rest.subarray(0, headerBytes)
      need += payloadBytes(header)
      if (rest.length < need) break
      frames.push({ header, payload: rest.subarray(headerBytes, need) })
      rest = rest.subarray(need)
    }
    parts = rest.length > 0 ? [rest] : []
    have = rest.length
    return frames
  }
}

/** Encodes numbers in 4 bytes each, big-endian. */
export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index)
  return bytes
}
