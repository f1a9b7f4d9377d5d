import { createHash } from 'node:crypto'
import { type BigIntStats, constants, createReadStream } from 'node:fs'
import { copyFile, lstat, mkdir, open, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { SyncFile } from '../sync/syncer.ts'
import type { NamedProgram } from './fit.ts'
import { headBytes, type Program, programOf } from './program.ts'

/** A file or folder that a local build makes. */
export interface Output {
  /** Absolute path on this machine. */
  readonly from: string
  /** Absolute path in the container. */
  readonly to: string
  /** What messages call it. */
  readonly name: string
}

/** What a local build has made. */
export interface Made {
  /** What differs from what was accepted last. `from` is a copy, which is there once it is accepted. */
  readonly files: readonly SyncFile[]
  /** The programs among them. */
  readonly programs: readonly NamedProgram[]
  /** Outputs that are not there. */
  readonly missing: readonly string[]
  /** Keeps the copies: containers that start later get them. */
  accept(): Promise<void>
}

/** Copies of the outputs of one service. The compiler may write while a container is brought up to date. */
export interface Outputs {
  /** Compares the outputs with what was accepted last; with `all`, each of them counts as new. */
  collect(outputs: readonly Output[], all: boolean): Promise<Made>
}

interface Known {
  /** Tells without reading that a file is as it was. */
  readonly look: string
  readonly digest: string
}
interface Fresh extends Known {
  readonly to: string
  readonly copy: string
}
interface Listed extends Output {
  /** It is sent as a link. */
  readonly isLink: boolean
}

/** Keeps copies in a folder that nobody else uses. What an earlier devk left there is removed. */
export function outputsIn(folder: string): Outputs {
  const accepted = new Map<string, Known>()
  const fresh = join(folder, 'new')
  const copyOf = (to: string) => join(folder, 'kept', createHash('sha256').update(to).digest('hex'))
  let emptied: Promise<void> | undefined
  const empty = () => {
    emptied ??= rm(folder, { recursive: true, force: true })
    return emptied
  }

  return {
    async collect(outputs, all) {
      await empty()
      await rm(fresh, { recursive: true, force: true })
      await mkdir(fresh, { recursive: true, mode: 0o700 })
      const changed: Fresh[] = []
      const programs: NamedProgram[] = []
      const missing: string[] = []
      const there = new Set<string>()
      for (const output of outputs) {
        const listed = await listOf(output)
        if (listed === undefined) missing.push(output.name)
        for (const file of listed ?? []) {
          there.add(file.to)
          const found = await copied(file, join(fresh, String(there.size)), all ? undefined : accepted.get(file.to))
          if (found === undefined) continue
          changed.push(found)
          const program = await programIn(found.copy)
          if (program !== undefined) programs.push({ ...program, name: file.name })
        }
      }
      const gone = [...accepted.keys()].filter((to) => !there.has(to))
      return {
        missing,
        programs,
        files: [
          ...gone.map((to): SyncFile => ({ kind: 'delete', to, directory: false })),
          ...changed.map(({ to }): SyncFile => ({ kind: 'write', from: copyOf(to), to })),
        ],
        async accept() {
          await mkdir(join(folder, 'kept'), { recursive: true, mode: 0o700 })
          for (const { to, copy, look, digest } of changed) {
            await rename(copy, copyOf(to))
            accepted.set(to, { look, digest })
          }
          for (const to of gone) {
            accepted.delete(to)
            await rm(copyOf(to), { force: true })
          }
        },
      }
    },
  }
}

/** The files of an output; undefined if it is not there. A link to it is followed, and links in it are kept. */
async function listOf({ from, to, name }: Output): Promise<Listed[] | undefined> {
  const found = await stat(from).catch(() => undefined)
  if (found?.isFile()) return [{ from, to, name, isLink: false }]
  if (!found?.isDirectory()) return undefined
  const files: Listed[] = []
  const visit = async (folder: string, below: string) => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const rest = `${below}/${entry.name}`
      const path = join(folder, entry.name)
      const isLink = entry.isSymbolicLink()
      if (entry.isDirectory()) await visit(path, rest)
      else if (entry.isFile() || isLink) {
        files.push({ from: path, to: `${to.replace(/\/+$/, '')}${rest}`, name: `${name}${rest}`, isLink })
      }
    }
  }
  await visit(from, '')
  return files
}

/** Copies a file or link; undefined if it is as it was. */
async function copied(file: Listed, copy: string, before: Known | undefined): Promise<Fresh | undefined> {
  const { from, to, isLink } = file
  const look = lookOf(isLink ? await lstat(from, { bigint: true }) : await stat(from, { bigint: true }))
  if (look === before?.look) return undefined
  let digest: string
  if (isLink) {
    const target = await readlink(from)
    await symlink(target, copy)
    digest = `link ${target}`
  } else {
    await copyFile(from, copy, constants.COPYFILE_FICLONE)
    digest = await digestOf(copy)
  }
  return digest === before?.digest ? undefined : { to, copy, look, digest }
}

function lookOf({ size, mtimeNs, ctimeNs, ino, mode }: BigIntStats): string {
  return [size, mtimeNs, ctimeNs, ino, mode].join(' ')
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function programIn(path: string): Promise<Program | undefined> {
  if ((await lstat(path)).isSymbolicLink()) return undefined
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return programOf(buffer.subarray(0, bytesRead))
  } finally {
    await file.close()
  }
}
