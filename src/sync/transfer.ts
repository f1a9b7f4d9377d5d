import { constants } from 'node:fs'
import { type FileHandle, open, readlink } from 'node:fs/promises'
import type { Channel } from './agent.ts'
import { chunkSize, say } from './frames.ts'
import type { SyncFile } from './syncer.ts'

export interface Transferred {
  /** What was sent, in order: the agent counts its errors by this. */
  readonly sent: readonly SyncFile[]
  readonly bytes: number
}

/**
 * Writes the files' content into a channel, up to but without the end of the batch. A file that is gone is passed over, and an aborted
 * signal ends it between two pieces, so that the channel stays usable.
 */
export async function transfer(
  channel: Channel,
  files: readonly SyncFile[],
  signal: AbortSignal,
): Promise<Transferred> {
  const sent: SyncFile[] = []
  let bytes = 0
  for (const file of files) {
    if (signal.aborted || channel.closed) break
    if (file.kind === 'delete') {
      await channel.write(say.remove(file.to))
      sent.push(file)
      continue
    }
    const size = await sendFile(channel, file.from, file.to, signal)
    if (size === undefined) continue
    sent.push(file)
    bytes += size
  }
  return { sent, bytes }
}

async function sendFile(channel: Channel, from: string, to: string, signal: AbortSignal): Promise<number | undefined> {
  const handle = await openLocal(from)
  if (handle === 'gone') return undefined
  if (handle === 'link') {
    await channel.write(say.link(to, await readlink(from)))
    return 0
  }
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) return undefined
    return await sendContent(channel, handle, say.file(to, stats.mode & 0o777), signal)
  } finally {
    await handle.close()
  }
}

/** Small files go in one frame with their header: one write, one read on the other side. */
async function sendContent(channel: Channel, handle: FileHandle, head: Buffer, signal: AbortSignal): Promise<number> {
  let prefix = head
  let bytes = 0
  const buffer = Buffer.allocUnsafe(chunkSize)
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, chunkSize, bytes)
      if (bytesRead === 0) {
        await channel.write(Buffer.concat([prefix, say.endOfFile]))
        return bytes
      }
      bytes += bytesRead
      prefix = Buffer.concat([prefix, say.chunk(buffer.subarray(0, bytesRead))])
      if (bytesRead < chunkSize) continue
      await channel.write(prefix)
      prefix = Buffer.alloc(0)
      if (signal.aborted) throw signal.reason
    }
  } catch (error) {
    // The agent is in the middle of this file: it has to be told before anything else can follow.
    await channel.write(Buffer.concat([prefix, say.spoiled]))
    throw error
  }
}

async function openLocal(path: string): Promise<FileHandle | 'gone' | 'link'> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ELOOP') return 'link'
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'gone'
    throw error
  }
}
