import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs'

/** A file's content, mode and kind as one number; NaN when it cannot be known, so that it equals nothing. */
export type Fingerprint = number

/** Above this a file is read in pieces between which other work goes on. */
const smallFile = 4 * 1024 * 1024
const buffer = Buffer.allocUnsafe(64 * 1024)

/** Reads a small file or link at once, with one shared buffer: 50,000 of them must not cost 50,000 buffers. */
export function fingerprint(path: string, stats: Stats): Fingerprint | Promise<Fingerprint> {
  const hash = createHash('sha1').update(`${stats.mode};`)
  try {
    if (stats.isSymbolicLink()) return short(hash.update(readlinkSync(path)).digest())
    if (!stats.isFile()) return Number.NaN
    if (stats.size > smallFile) return streamed(path, hash)
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      for (let n = readSync(file, buffer); n > 0; n = readSync(file, buffer)) hash.update(buffer.subarray(0, n))
      // Changed while it was read: whatever comes next differs.
      return fstatSync(file).ctimeMs === stats.ctimeMs ? short(hash.digest()) : Number.NaN
    } finally {
      closeSync(file)
    }
  } catch {
    // Gone or unreadable: whoever uses the file will say so.
    return Number.NaN
  }
}

async function streamed(path: string, hash: ReturnType<typeof createHash>): Promise<Fingerprint> {
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
    return short(hash.digest())
  } catch {
    return Number.NaN
  }
}

/** 48 bits: exact as a number, and far more than the versions of one path. */
function short(digest: Buffer): number {
  return digest.readUIntBE(0, 6)
}
