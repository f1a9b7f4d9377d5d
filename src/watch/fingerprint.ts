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

/** A hash of a file's content, mode and kind. NaN when the file cannot be read, so that it equals no other. */
export type Fingerprint = number

/** Larger files (bytes) are read asynchronously, so that other work continues. */
const smallFile = 4 * 1024 * 1024
const buffer = Buffer.allocUnsafe(64 * 1024)

/**
 * Reads a small file or a link synchronously, with one shared buffer: 50,000 files must not cost 50,000 buffers. Never
 * throws.
 */
export function fingerprint(path: string, stats: Stats): Fingerprint | Promise<Fingerprint> {
  const hash = createHash('sha1').update(`${stats.mode};`)
  try {
    if (stats.isSymbolicLink()) return short(hash.update(readlinkSync(path)).digest())
    if (!stats.isFile()) return Number.NaN
    if (stats.size > smallFile) return streamed(path, hash)
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      for (let n = readSync(file, buffer); n > 0; n = readSync(file, buffer)) hash.update(buffer.subarray(0, n))
      // The file changed while it was read, so the result must differ from any other.
      return fstatSync(file).ctimeMs === stats.ctimeMs ? short(hash.digest()) : Number.NaN
    } finally {
      closeSync(file)
    }
  } catch {
    // The file is deleted or unreadable. Whatever uses it reports that.
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

/** 48 bits fit exactly into a number, and are enough to tell the versions of one path apart. */
function short(digest: Buffer): number {
  return digest.readUIntBE(0, 6)
}
