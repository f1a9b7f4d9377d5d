/** A frame of the node agent (see node-agent.ts). */
export interface NodeFrame {
  readonly type: string
  readonly id: number
  readonly payload: Buffer
}

export function encodeFrame(type: string, id: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(9)
  header.write(type, 0, 1, 'latin1')
  header.writeUInt32BE(id, 1)
  header.writeUInt32BE(payload.length, 5)
  return Buffer.concat([header, payload])
}

/** Cuts a byte stream into frames; keeps what is not a whole frame yet. */
export function frameSplitter(): (chunk: Buffer) => NodeFrame[] {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const frames: NodeFrame[] = []
    while (rest.length >= 9) {
      const end = 9 + rest.readUInt32BE(5)
      if (rest.length < end) break
      frames.push({ type: rest.toString('latin1', 0, 1), id: rest.readUInt32BE(1), payload: rest.subarray(9, end) })
      rest = rest.subarray(end)
    }
    return frames
  }
}
