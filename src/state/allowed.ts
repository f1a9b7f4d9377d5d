import { createHash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { byCodeUnits } from '../lib/order.ts'
import { isRecord } from '../lib/record.ts'
import { readIfThere, writeAtomic } from './files.ts'

/** Code that a user allowed: a configuration and the files that it imports, each with its hash. */
export interface AllowedCode {
  /** Real path of the configuration. */
  readonly file: string
  readonly files: ReadonlyMap<string, string>
}

/** Whether the user allowed exactly this code. `folder` is the folder of what is allowed. */
export async function isAllowed(folder: string, code: AllowedCode): Promise<boolean> {
  return (await readIfThere(recordOf(folder, code))) !== undefined
}

/** Remembers that the user allowed this code. Throws DISK_FULL. */
export async function allow(folder: string, code: AllowedCode): Promise<void> {
  await note(folder, code)
  // A user who edits a configuration a lot does not need each of its versions for ever.
  const known = await recordsOf(folder, code.file)
  for (const { path } of known.slice(mostVersions)) await rm(path, { force: true })
}

/** Forgets every version of a configuration, or everything that was allowed for a folder. Returns how many records. */
export async function forget(folder: string, file: string): Promise<number> {
  const known = await recordsOf(folder, file)
  for (const { path } of known) await rm(path, { force: true })
  return known.length
}

/** Those of the addresses that the user has not allowed devk to fetch for the project in the folder `root`. */
export async function unallowed(folder: string, root: string, addresses: readonly string[]): Promise<string[]> {
  const known = await Promise.all(addresses.map((address) => isAllowed(folder, forProject(root, 'fetch', address))))
  return addresses.filter((_, i) => !known[i])
}

/** Remembers that the user allowed devk to fetch these addresses. Throws DISK_FULL. */
export async function allowAddresses(folder: string, root: string, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) await note(folder, forProject(root, 'fetch', address))
}

/** Those of the commands that the user has not allowed devk to run for the project in the folder `root`. */
export async function unallowedCommands(folder: string, root: string, ids: readonly string[]): Promise<string[]> {
  const known = await Promise.all(ids.map((id) => isAllowed(folder, forProject(root, 'run', id))))
  return ids.filter((_, i) => !known[i])
}

/** Remembers that the user allowed devk to run these commands. Throws DISK_FULL. */
export async function allowCommands(folder: string, root: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) await note(folder, forProject(root, 'run', id))
}

/** The files and folders outside of its repository that the user allowed the project in the folder `root` to use. */
export async function allowedPaths(folder: string, root: string): Promise<string[]> {
  const known = await recordsOf(folder, root)
  return known.flatMap(({ files }) => Object.entries(files).flatMap(([path, how]) => (how === 'use' ? [path] : [])))
}

/** Remembers that the user allowed a project to use these files and folders, given by their real paths. */
export async function allowPaths(folder: string, root: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) await note(folder, forProject(root, 'use', path))
}

const forProject = (root: string, how: 'fetch' | 'run' | 'use', what: string): AllowedCode => ({
  file: root,
  files: new Map([[what, how]]),
})

async function note(folder: string, what: AllowedCode): Promise<void> {
  const text = JSON.stringify({ file: what.file, files: Object.fromEntries(what.files) }, null, 2)
  await writeAtomic(recordOf(folder, what), `${text}\n`)
}

const mostVersions = 10

/** One file for each version, so that going back to an earlier one, as Git does, asks nothing. */
function recordOf(folder: string, { file, files }: AllowedCode): string {
  const parts = [...files].sort(([a], [b]) => byCodeUnits(a, b))
  return join(
    folder,
    `${createHash('sha256')
      .update(JSON.stringify([file, parts]))
      .digest('hex')}.json`,
  )
}

interface Known {
  readonly path: string
  readonly at: number
  readonly files: Readonly<Record<string, unknown>>
}

/** The records of a configuration or folder, the newest first. */
async function recordsOf(folder: string, file: string): Promise<Known[]> {
  const names = await readdir(folder).catch(() => [])
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const text = await readIfThere(path)
      const record = text === undefined ? {} : parsed(text)
      if (record.file !== file) return []
      const files = isRecord(record.files) ? record.files : {}
      return [{ path, at: (await stat(path)).mtimeMs, files }]
    }),
  )
  return found.flat().sort((a, b) => b.at - a.at)
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}
