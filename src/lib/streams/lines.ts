/**
 * A line without its line feed. `cut` is the number of bytes that were dropped because the line was longer than the
 * limit.
 */
export interface RawLine {
  readonly bytes: Buffer
  readonly cut: number
  /** False for the rest of a stream that ended without a line feed. */
  readonly complete: boolean
}

/**
 * Splits a byte stream at line feeds. Splits bytes, so that a character across two chunks stays intact, and keeps at
 * most `limit` bytes of a line in memory.
 */
export async function* splitLines(source: AsyncIterable<Buffer | Uint8Array>, limit: number): AsyncGenerator<RawLine> {
  let parts: Uint8Array[] = []
  let kept = 0
  let cut = 0
  const add = (piece: Uint8Array) => {
    const room = Math.min(piece.length, limit - kept)
    if (room > 0) parts.push(piece.subarray(0, room))
    kept += room
    cut += piece.length - room
  }
  const take = (complete: boolean): RawLine => {
    const line = { bytes: Buffer.concat(parts, kept), cut, complete }
    parts = []
    kept = 0
    cut = 0
    return line
  }
  for await (const chunk of source) {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      add(chunk.subarray(start, end))
      yield take(true)
      start = end + 1
    }
    add(chunk.subarray(start))
  }
  if (kept > 0) yield take(false)
}
