/** How a protocol's frames begin: a header of a fixed length that says how many bytes follow. */
export interface FrameShape {
  readonly headerBytes: number
  payloadBytes(header: Buffer): number
}

export interface RawFrame {
  readonly header: Buffer
  readonly payload: Buffer
}

/**
 * Cuts a byte stream into frames, however its chunks are cut, and keeps what is not a whole frame yet. Chunks of one long frame are
 * joined once, when its last one has come.
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

/** Numbers in 4 bytes each, the highest first. */
export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index)
  return bytes
}
