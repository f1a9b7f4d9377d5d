import { lstat, readlink } from 'node:fs/promises'
import { type Readable, Writable } from 'node:stream'
import { DevkError } from '../errors.ts'
import type { PodStreams } from '../kube/api.ts'
import { type TarWriter, tarStream } from '../lib/tar.ts'
import type { Syncer, SyncFile, SyncTarget } from './syncer.ts'

/** Paths per `rm`, so that a command line stays far below any limit. */
const removedAtOnce = 200

type Write = Extract<SyncFile, { kind: 'write' }>

/**
 * The syncer for nodes that the local engine does not run: each batch is a tar stream through the API server. It needs `tar` and `rm` in the
 * image, and its user's right to write there.
 */
export function tarSyncer(streams: PodStreams): Syncer {
  return {
    async send(target, files, signal) {
      const began = performance.now()
      for (const command of removals(files)) await inContainer(streams, target, command, undefined, signal)
      const writes = files.filter((file) => file.kind === 'write')
      const packed = writes.length === 0 ? { files: 0, bytes: 0 } : await extract(streams, target, writes, signal)
      const deleted = files.length - writes.length
      return { files: packed.files + deleted, bytes: packed.bytes, ms: performance.now() - began }
    },
  }
}

/** Files by `rm`, then folders, the deepest first; a folder that still holds something stays. */
function removals(files: readonly SyncFile[]): string[][] {
  const deletions = files.filter((file) => file.kind === 'delete')
  const paths = (directory: boolean) => deletions.filter((file) => file.directory === directory).map((file) => file.to)
  const keep = 'for d in "$@"; do rmdir -- "$d" 2>/dev/null || :; done'
  return [
    ...chunks(paths(false)).map((part) => ['rm', '-f', '--', ...part]),
    ...chunks(paths(true).sort((a, b) => b.length - a.length)).map((part) => ['sh', '-c', keep, 'sh', ...part]),
  ]
}

function chunks<T>(items: readonly T[]): T[][] {
  const out: T[][] = []
  for (let at = 0; at < items.length; at += removedAtOnce) out.push(items.slice(at, at + removedAtOnce))
  return out
}

async function extract(streams: PodStreams, target: SyncTarget, files: readonly Write[], signal: AbortSignal) {
  let sent: { readonly files: number; readonly bytes: number } | undefined
  const stream = tarStream(async (tar) => {
    sent = await fill(tar, files)
  })
  // -m: now is the time of change, as reloaders compare it; -o: the owner is the container's user, not the one here.
  await inContainer(streams, target, ['tar', '-x', '-m', '-o', '-f', '-', '-C', '/'], stream, signal)
  if (sent === undefined) throw new DevkError('SYNC_FAILED', `${target.service}: a file changed while it was read`)
  return sent
}

async function fill(tar: TarWriter, files: readonly Write[]): Promise<{ files: number; bytes: number }> {
  let sent = 0
  let bytes = 0
  for (const { from, to } of files) {
    const stats = await lstat(from).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw error
    })
    const name = to.replace(/^\/+/, '')
    if (stats?.isSymbolicLink()) {
      await tar.link({ name }, await readlink(from))
    } else if (stats?.isFile()) {
      // If the file has become shorter, this is an error, and the next save sends it again.
      await tar.file({ name, mode: stats.mode & 0o777 }, from, stats.size)
      bytes += stats.size
    } else continue
    sent += 1
  }
  return { files: sent, bytes }
}

async function inContainer(
  streams: PodStreams,
  target: SyncTarget,
  command: readonly string[],
  stdin: Readable | undefined,
  signal: AbortSignal,
): Promise<void> {
  let said = ''
  const keep = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said = (said + chunk.toString()).slice(-2000)
      done()
    },
  })
  const { container, pod } = target
  const code = await streams.exec(pod, command, { container, stdin, stdout: keep, stderr: keep, tty: false, signal })
  if (code === 0) return
  throw new DevkError(
    'SYNC_FAILED',
    `${command[0]} in ${pod.namespace}/${pod.name} (${container}) ended with ${code}`,
    {
      details: said.trim() === '' ? [] : said.trim().split('\n').slice(-5),
      ...(code === 126 || code === 127
        ? { hint: `The image has no ${command[0]}: remove \`sync\`, so that a save rebuilds.` }
        : {}),
    },
  )
}
