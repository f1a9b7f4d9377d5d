import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { drained } from '../lib/wait.ts'
import { operation, pieceBytes } from './operations.ts'
import type { SyncFile, Version } from './syncer.ts'

/** What was sent to the agent. */
export interface Transferred {
  /** In order: the agent reports errors by the index in this list. */
  readonly sent: readonly SyncFile[]
  readonly bytes: number
  /** By path in the container. */
  readonly versions: ReadonlyMap<string, Version>
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
  const versions = new Map<string, Version>()
  let bytes = 0
  for (const file of files) {
    if (signal.aborted || stream.destroyed) break
    if (file.kind === 'delete') {
      await write(stream, operation.remove(file.to))
      sent.push(file)
      continue
    }
    const moved = await sendFile(stream, file, signal)
    if (moved === undefined) {
      versions.set(file.to, Number.NaN)
      continue
    }
    sent.push(file)
    versions.set(file.to, moved.version)
    bytes += moved.bytes
  }
  return { sent, bytes, versions }
}

async function write(stream: Writable, data: Uint8Array): Promise<void> {
  if (!stream.destroyed && !stream.write(data)) await drained(stream)
}

async function sendFile(
  stream: Writable,
  { from, to }: Extract<SyncFile, { kind: 'write' }>,
  signal: AbortSignal,
): Promise<{ readonly bytes: number; readonly version: Version } | undefined> {
  const handle = await openLocal(from)
  if (handle === 'gone') return undefined
  if (handle === 'link') {
    const before = await lstat(from)
    await write(stream, operation.link(to, await readlink(from)))
    return { bytes: 0, version: versionOf(before, await lstat(from)) }
  }
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) return undefined
    const bytes = await sendContent(stream, handle, operation.file(to, stats.mode & 0o777), signal)
    return { bytes, version: versionOf(stats, await handle.stat()) }
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

/** What was read between these two looks at a file. */
export function versionOf(before: Pick<Stats, 'ctimeMs'>, after: Pick<Stats, 'ctimeMs'> | undefined): Version {
  return before.ctimeMs === after?.ctimeMs ? before.ctimeMs : Number.NaN
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
