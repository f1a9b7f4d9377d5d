import type { Stats } from 'node:fs'
import { lstat, readlink } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { DevkError } from '../errors.ts'
import type { PodStreams } from '../kube/api.ts'
import { type TarWriter, tarStream } from '../lib/streams/tar.ts'
import { runInContainer } from './in-container.ts'
import type { Syncer, SyncFile, SyncResult, SyncTarget, Version } from './syncer.ts'
import { versionOf } from './transfer.ts'

/** Paths for each call of `rm`, so that the command line stays far below the limit of the kernel. */
const removedAtOnce = 200

type Write = Extract<SyncFile, { kind: 'write' }>

/**
 * The syncer for nodes that are not containers of the local engine. Each batch is a tar stream through the API server.
 * The image must contain `tar` and `rm`, and its user must have permission to write to the paths.
 */
export function tarSyncer(streams: PodStreams): Syncer {
  return {
    async send(target, files, signal) {
      const began = performance.now()
      for (const command of removals(files)) await inContainer(streams, target, { command }, signal)
      const writes = files.filter((file) => file.kind === 'write')
      const packed =
        writes.length === 0 ? { files: 0, bytes: 0, absent: [] } : await extract(streams, target, writes, signal)
      const deleted = files.length - writes.length
      return { ...packed, files: packed.files + deleted, ms: performance.now() - began }
    },
  }
}

/** Commands that delete files, then folders, the deepest first. Folders that are not empty stay. */
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
  let sent: Packed | undefined
  const stream = tarStream(async (tar) => {
    sent = await fill(tar, files)
  })
  // -m sets the modification time to now, because reloaders compare it. -o sets the owner to the container's user.
  const command = ['tar', '-x', '-m', '-o', '-f', '-', '-C', '/']
  await inContainer(streams, target, { command, stdin: stream }, signal)
  if (sent === undefined) throw new DevkError('SYNC_FAILED', `${target.service}: a file changed while it was read`)
  return sent
}

type Packed = Omit<SyncResult, 'ms'>

async function fill(tar: TarWriter, files: readonly Write[]): Promise<Packed> {
  const absent: Write[] = []
  const versions = new Map<string, Version>()
  let sent = 0
  let bytes = 0
  for (const file of files) {
    const { from, to } = file
    const stats = await lookAt(from)
    const name = to.replace(/^\/+/, '')
    if (stats?.isSymbolicLink()) {
      await tar.link({ name }, await readlink(from))
    } else if (stats?.isFile()) {
      // A file that has become shorter fails here. The save that shortened it sends it again.
      await tar.file({ name, mode: stats.mode & 0o777 }, from, stats.size)
      bytes += stats.size
    } else {
      absent.push(file)
      versions.set(to, Number.NaN)
      continue
    }
    versions.set(to, versionOf(stats, await lookAt(from)))
    sent += 1
  }
  return { files: sent, bytes, absent, versions }
}

function lookAt(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
}

async function inContainer(
  streams: PodStreams,
  target: SyncTarget,
  { command, stdin }: { readonly command: readonly string[]; readonly stdin?: Readable },
  signal: AbortSignal,
): Promise<void> {
  const { container, pod } = target
  const given = { argv: command, ...(stdin === undefined ? {} : { stdin }) }
  const { exitCode: code, output } = await runInContainer(streams, target, given, signal)
  if (code === 0) return
  throw new DevkError(
    'SYNC_FAILED',
    `${command[0]} in ${pod.namespace}/${pod.name} (${container}) exited with ${code}`,
    {
      details: output.trim() === '' ? [] : output.trim().split('\n').slice(-5),
      ...(code === 126 || code === 127
        ? { hint: `The image has no ${command[0]}: remove \`sync\`, so that a save rebuilds.` }
        : {}),
    },
  )
}
