import { basename, dirname, join, posix, resolve } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { DevkError } from '../errors.ts'
import type { PodStreams } from '../kube/api.ts'
import { isFolder } from '../lib/paths.ts'
import { count, messageOf } from '../lib/text.ts'
import { runInContainer } from '../sync/in-container.ts'
import type { Syncer, SyncTarget } from '../sync/syncer.ts'
import { localFiles } from './local-files.ts'
import type { RemotePath } from './place.ts'
import { type Received, receive } from './receive.ts'

/** What was copied, and where it is now. */
export interface Copied extends Received {
  readonly to: string
}

/** A container, and how to reach it. */
export interface CopyDeps {
  readonly target: SyncTarget
  readonly streams: Pick<PodStreams, 'exec'>
  readonly syncer: Pick<Syncer, 'send'>
  /** Folder that local paths are relative to. */
  readonly cwd: string
}

const keptBytes = 16 * 1024

/** Copies a file or folder out of a container, with its tar. Throws COPY_FAILED, USAGE and DISK_FULL. */
export async function copyFrom(
  { target, streams, cwd }: CopyDeps,
  { path }: RemotePath,
  local: string,
  signal: AbortSignal,
): Promise<Copied> {
  const base = posix.basename(path)
  const named = resolve(cwd, local)
  const isInto = await isFolder(named)
  if (!isInto && (local.endsWith('/') || !(await isFolder(dirname(named))))) {
    const missing = local.endsWith('/') ? named : dirname(named)
    throw new DevkError('USAGE', `The folder ${missing} does not exist`, { hint: 'Create it, or name another one.' })
  }
  const to = isInto ? join(named, base) : named
  const [archive, words] = [new PassThrough(), tail()]
  const argv = ['tar', '-c', '-f', '-', '-C', posix.dirname(path), '--', `./${base}`]
  const options = { container: target.container, stdout: archive, stderr: words.stream, tty: false, signal }
  const packing = streams.exec(target.pod, argv, options).finally(() => archive.end())
  const [received, packed] = await Promise.allSettled([receive(archive, base, to), packing])
  signal.throwIfAborted()
  if (packed.status === 'rejected') throw packed.reason
  if (packed.value !== 0) throw notPacked(target, path, packed.value, words.text())
  if (received.status === 'rejected') throw notWritten(to, received.reason)
  const { files, skipped } = received.value
  if (files === 0 && skipped.length > 0) {
    throw new DevkError('COPY_FAILED', `Nothing of ${target.service}:${path} could be copied`, {
      details: skipped.slice(0, 10),
      hint: 'Only files and folders are copied. Of a link, copy what it leads to.',
    })
  }
  return { ...received.value, to }
}

/** Copies a file or folder of this machine into a container. Throws COPY_FAILED and USAGE. */
export async function copyTo(
  { target, streams, syncer, cwd }: CopyDeps,
  local: string,
  { path, isFolder: into }: RemotePath,
  signal: AbortSignal,
): Promise<Copied> {
  const from = resolve(cwd, local)
  const isInto = into || path === '/' || (await isFolderThere({ target, streams }, path, signal))
  const to = isInto ? posix.join(path, basename(from)) : path
  const { files, bytes, skipped } = await localFiles(from, to)
  const sent = await syncer.send(target, files, signal).catch((error: unknown) => {
    if (!(error instanceof DevkError && error.code === 'SYNC_FAILED')) throw error
    throw new DevkError('COPY_FAILED', error.message, { details: [...error.details], cause: error })
  })
  if (sent === 'gone') {
    throw new DevkError('COPY_FAILED', `The container ${target.container} of ${target.pod.name} has stopped`, {
      hint: 'Try again: the next pod may run by then.',
    })
  }
  return { files: sent.files, bytes, skipped, to }
}

/** Whether a folder is there already. Where the image has no `test`, only a slash at the end says so. */
async function isFolderThere(
  { target, streams }: Pick<CopyDeps, 'target' | 'streams'>,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { exitCode } = await runInContainer(streams, target, { argv: ['test', '-d', path] }, signal)
  return exitCode === 0
}

function tail() {
  let text = Buffer.alloc(0)
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text = Buffer.concat([text, chunk]).subarray(-keptBytes)
      done()
    },
  })
  return { stream, text: () => text.toString('utf8').trim() }
}

function notPacked({ service, container }: SyncTarget, path: string, exitCode: number, output: string): DevkError {
  const isMissing = exitCode === 126 || exitCode === 127
  return new DevkError('COPY_FAILED', `${service}:${path} could not be read completely`, {
    details: output === '' ? [`tar exited with ${exitCode}`] : output.split('\n').slice(-5),
    ...(isMissing
      ? { hint: `The image of the container ${container} has no tar, which cp needs to read from it.` }
      : {}),
  })
}

function notWritten(to: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code
  if (cause instanceof DevkError) return cause
  if (code === 'ENOSPC') return new DevkError('DISK_FULL', `The disk with ${to} is full`, { cause })
  return new DevkError('COPY_FAILED', `${to} could not be written: ${messageOf(cause)}`, { cause })
}

/** What was copied, in a sentence. */
export function copiedText({ files, to }: Copied): string {
  return `✔ copied ${count(files, 'file')} to ${to}`
}
