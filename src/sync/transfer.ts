import { constants } from 'node:fs'
import { type FileHandle, open, readlink } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { drained } from '../lib/wait.ts'
import { operation, pieceBytes } from './operations.ts'
import type { SyncFile } from './syncer.ts'

/** What was sent to the agent. */
export interface Transferred {
  /** In order: the agent reports errors by the index in this list. */
  readonly sent: readonly SyncFile[]
  readonly bytes: number
}

/**
 * Writes a batch to the agent. Skips files that no longer exist. An aborted signal ends the batch between two pieces,
 * in a way that the agent can still answer.
 */
export async function transfer(
  stream: Writable,
  files: readonly SyncFile[],
  signal: AbortSignal,
): Promise<Transferred> {
  const sent: SyncFile[] = []
  let bytes = 0
  for (const file of files) {
    if (signal.aborted || stream.destroyed) break
    if (file.kind === 'delete') {
      await write(stream, operation.remove(file.to))
      sent.push(file)
      continue
    }
    const size = await sendFile(stream, file, signal)
    if (size === undefined) continue
    sent.push(file)
    bytes += size
  }
  return { sent, bytes }
}

async function write(stream: Writable, data: Uint8Array): Promise<void> {
  if (!stream.destroyed && !stream.write(data)) await drained(stream)
}

async function sendFile(
  stream: Writable,
  { from, to }: Extract<SyncFile, { kind: 'write' }>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const handle = await openLocal(from)
  if (handle === 'gone') return undefined
  if (handle === 'link') {
    await write(stream, operation.link(to, await readlink(from)))
    return 0
  }
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) return undefined
    return await sendContent(stream, handle, operation.file(to, stats.mode & 0o777), signal)
  } finally {
    await handle.close()
  }
}

/** Sends a small file in one write together with its header, so that the agent reads it at once. */
async function sendContent(stream: Writable, handle: FileHandle, head: Buffer, signal: AbortSignal): Promise<number> {
  let prefix = head
  let bytes = 0
  const buffer = Buffer.allocUnsafe(pieceBytes)
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, pieceBytes, bytes)
      if (bytesRead === 0) {
        await write(stream, Buffer.concat([prefix, operation.endOfFile]))
        return bytes
      }
      bytes += bytesRead
      prefix = Buffer.concat([prefix, operation.piece(buffer.subarray(0, bytesRead))])
      if (bytesRead < pieceBytes) continue
      await write(stream, prefix)
      prefix = Buffer.alloc(0)
      if (signal.aborted) throw signal.reason
    }
  } catch (error) {
    // The agent waits for the rest of this file. Tell it that the rest does not follow before the next operation.
    await write(stream, Buffer.concat([prefix, operation.spoiled]))
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
