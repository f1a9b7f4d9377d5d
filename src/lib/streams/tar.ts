import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pack } from 'tar-stream'

/** What a tar says of an entry. */
export interface TarHeader {
  /** Path in the archive, with slashes. */
  readonly name: string
  /** Permission bits. */
  readonly mode?: number
  readonly mtime?: Date
  readonly uid?: number
  readonly gid?: number
}

/** Adds entries to a tar stream, one after the other; each promise resolves when the entry is written. */
export interface TarWriter {
  /** The reader went away: nothing more need be added. */
  readonly closed: boolean
  folder(header: TarHeader): Promise<void>
  link(header: TarHeader, target: string): Promise<void>
  bytes(header: TarHeader, content: Buffer): Promise<void>
  /** The first `size` bytes of a file. Rejects when it has fewer. */
  file(header: TarHeader, file: string, size: number): Promise<void>
}

/** A tar stream of what `fill` adds. An error of `fill` ends the stream with it. */
export function tarStream(fill: (tar: TarWriter) => Promise<void>): Readable {
  const tar = pack()
  const entry = (header: Parameters<typeof tar.entry>[0], content?: Buffer) =>
    new Promise<void>((resolve, reject) => {
      tar.entry(header, (content ?? '') as Buffer<ArrayBuffer>, (error) => (error ? reject(error) : resolve()))
    })
  const writer: TarWriter = {
    get closed() {
      return tar.destroyed
    },
    folder: (header) => entry({ ...header, type: 'directory' }),
    link: (header, target) => entry({ ...header, type: 'symlink', linkname: target }),
    bytes: entry,
    async file(header, file, size) {
      if (size === 0) return entry(header)
      await pipeline(createReadStream(file, { end: size - 1 }), tar.entry({ ...header, size }))
    },
  }
  fill(writer).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  return Readable.from(tar, { objectMode: false })
}
