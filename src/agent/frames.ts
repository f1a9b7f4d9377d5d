import { frameCutter, uint32 } from '../lib/streams/frames.ts'

/**
 * Bytes of one stream that may be sent before the receiver has read them. The same value is in
 * agent/internal/mux/frame.go.
 */
export const windowBytes = 256 * 1024

/** The types of frames. agent/internal/mux/frame.go describes them. */
export const frameType = {
  open: 'O',
  opened: 'C',
  failed: 'E',
  data: 'D',
  end: 'F',
  reset: 'R',
  consumed: 'W',
} as const

/** One frame of the protocol between devk and an agent. */
export interface AgentFrame {
  readonly type: string
  readonly stream: number
  readonly payload: Buffer
}

const headerBytes = 9

/** Encodes a frame. */
export function agentFrame(type: string, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from(type, 'latin1'), uint32(stream, payload.length), payload])
}

/**
 * Returns a function that takes chunks of a byte stream from or to an agent and returns the frames that they complete.
 */
export function agentFrameCutter(): (chunk: Buffer) => AgentFrame[] {
  const cut = frameCutter({ headerBytes, payloadBytes: (header) => header.readUInt32BE(5) })
  return (chunk) =>
    cut(chunk).map(({ header, payload }) => ({
      type: header.toString('latin1', 0, 1),
      stream: header.readUInt32BE(1),
      payload,
    }))
}
