import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DevkError } from '../errors.ts'

/** Longest path of a Unix socket on macOS; Linux has 107. */
const longestPath = 103

/**
 * The path of the socket of a project's session: in its state folder. Where that path is too long for a socket, in the
 * folder for temporary files, in a folder that only this user can read.
 */
export function sessionSocket(stateFolder: string, temporary = tmpdir()): string {
  const socket = join(stateFolder, 'session', 'v1.sock')
  if (Buffer.byteLength(socket) <= longestPath) return socket
  const hash = createHash('sha256').update(stateFolder).digest('hex').slice(0, 16)
  return join(temporary, `devk-${process.getuid?.() ?? 0}-${hash}`, 'v1.sock')
}

/** Makes the folder of the socket, which only its owner may enter. Throws COMMAND_FAILED if another user made it. */
export async function ownFolderOf(socket: string): Promise<void> {
  const folder = dirname(socket)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await requireOwn(socket)
  await chmod(folder, 0o700)
}

/** Throws COMMAND_FAILED if the folder of the socket belongs to another user: only its owner can put a socket there. */
export async function requireOwn(socket: string): Promise<void> {
  const folder = dirname(socket)
  const found = await lstat(folder)
  if (!found.isDirectory() || (process.getuid !== undefined && found.uid !== process.getuid())) {
    throw new DevkError('COMMAND_FAILED', `${folder} belongs to another user`, { hint: 'Remove that folder.' })
  }
}
