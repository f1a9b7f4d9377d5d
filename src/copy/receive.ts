import { randomBytes } from 'node:crypto'
import { copyFile, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { type TarEntry, tarEntries } from '../lib/streams/untar.ts'

/** What a copy brought. */
export interface Received {
  readonly files: number
  readonly bytes: number
  /** Paths that were left out, each with the reason. */
  readonly skipped: readonly string[]
}

/** What of a tar is taken. */
export interface ReceiveOptions {
  /** Whether the path, relative to the target, was asked for. Default: all are. */
  accepts?(path: string): boolean
  /** Called before a file whose content differs takes its place; others then stay as they are. */
  onWrite?(path: string, mtimeMs: number): void
}

/**
 * Writes the entries of a tar from a container to `target`, which `base` in the tar stands for: one file, or a folder
 * with what is below. The tar is what an attacker may have made. Nothing is written outside of `target`: not over `..`,
 * and not over a link that is there already. Links, devices and pipes are left out. Each file is whole or not there.
 */
export async function receive(
  tar: Readable,
  base: string,
  target: string,
  { accepts, onWrite }: ReceiveOptions = {},
): Promise<Received> {
  const skipped: string[] = []
  const written = new Map<string, string>()
  let bytes = 0
  for await (const entry of tarEntries(tar)) {
    const { name, type } = entry.header
    const below = partsOf(name, base)
    const parts = below !== undefined && (accepts?.(below.join('/')) ?? true) ? below : undefined
    const reason = parts === undefined ? 'is not below what was asked for' : await refusal(entry.header, parts, target)
    if (parts === undefined || reason !== undefined) {
      skipped.push(`${name} ${reason}`)
      entry.resume()
      continue
    }
    const path = join(target, ...parts)
    if (type === 'directory') {
      await mkdir(path, { recursive: true })
      entry.resume()
      continue
    }
    if (parts.length > 0) await mkdir(dirname(path), { recursive: true })
    const mode = (entry.header.mode ?? 0o644) & 0o777
    const first = type === 'link' ? written.get(normal(entry.header.linkname ?? '')) : undefined
    if (type === 'link') entry.resume()
    if (type === 'link' && first === undefined) {
      skipped.push(`${name} is another name of a file that is not below what was asked for`)
      continue
    }
    const replaces = onWrite && ((fresh: string) => isNews(fresh, path, onWrite))
    bytes += await whole(path, replaces, async (fresh) => {
      if (first !== undefined) return copyFile(first, fresh)
      const file = await open(fresh, 'wx', mode | 0o600)
      try {
        // A pipeline would wait for ever for an entry that broke before.
        for await (const chunk of entry) await file.writeFile(chunk as Buffer)
      } finally {
        await file.close()
      }
    })
    written.set(normal(name), path)
  }
  return { files: written.size, bytes, skipped }
}

const normal = (name: string) =>
  name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')

/** The names below `base`; undefined for what is not below it. */
function partsOf(name: string, base: string): string[] | undefined {
  const [first, ...parts] = normal(name).split('/')
  return first === base && !name.startsWith('/') && !parts.includes('..') ? parts : undefined
}

/** Why an entry is left out. What is there already must not lead elsewhere, and keeps its kind. */
async function refusal(
  { type }: TarEntry['header'],
  parts: readonly string[],
  target: string,
): Promise<string | undefined> {
  if (type === 'symlink') return 'is a link'
  if (type !== 'file' && type !== 'contiguous-file' && type !== 'directory' && type !== 'link') return `is a ${type}`
  const isFolder = type === 'directory'
  for (let depth = 0; depth <= parts.length; depth += 1) {
    const path = join(target, ...parts.slice(0, depth))
    const found = await lstat(path).catch(() => undefined)
    if (found === undefined) return undefined
    const isLast = depth === parts.length
    if (isLast && !isFolder) return found.isDirectory() ? 'would replace a folder' : undefined
    if (!found.isDirectory()) return `would go through ${path}, which is no folder`
  }
  return undefined
}

/** Whether a file has another content than the one that it is to replace. */
async function isNews(fresh: string, path: string, onWrite: (path: string, mtimeMs: number) => void): Promise<boolean> {
  const [made, old] = await Promise.all([lstat(fresh), lstat(path).catch(() => undefined)])
  if (old?.isFile() && old.size === made.size) {
    const [one, other] = await Promise.all([readFile(fresh), readFile(path)])
    if (one.equals(other)) return false
  }
  onWrite(path, made.mtimeMs)
  return true
}

/** Writes a file beside its place, and moves it there when it is whole and wanted. Returns its size. */
async function whole(
  path: string,
  replaces: ((fresh: string) => Promise<boolean>) | undefined,
  write: (fresh: string) => Promise<void>,
): Promise<number> {
  const fresh = join(dirname(path), `.devk-cp-${randomBytes(6).toString('hex')}`)
  try {
    await write(fresh)
    const { size } = await lstat(fresh)
    if ((await replaces?.(fresh)) ?? true) await rename(fresh, path)
    else await rm(fresh)
    return size
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}
