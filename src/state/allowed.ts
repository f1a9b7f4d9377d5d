import { createHash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { byCodeUnits } from '../lib/order.ts'
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
  const text = JSON.stringify({ file: code.file, files: Object.fromEntries(code.files) }, null, 2)
  await writeAtomic(recordOf(folder, code), `${text}\n`)
  // A user who edits a configuration a lot does not need each of its versions for ever.
  const known = await recordsOf(folder, code.file)
  for (const { path } of known.slice(mostVersions)) await rm(path, { force: true })
}

/** Forgets every version of a configuration. Returns how many were allowed. */
export async function forget(folder: string, file: string): Promise<number> {
  const known = await recordsOf(folder, file)
  for (const { path } of known) await rm(path, { force: true })
  return known.length
}

/** Those of the addresses that the user has not allowed devk to fetch for the project in the folder `root`. */
export async function unallowed(folder: string, root: string, addresses: readonly string[]): Promise<string[]> {
  const known = await Promise.all(addresses.map((address) => isAllowed(folder, addressOf(root, address))))
  return addresses.filter((_, i) => !known[i])
}

/** Remembers that the user allowed devk to fetch these addresses. Throws DISK_FULL. */
export async function allowAddresses(folder: string, root: string, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) await allow(folder, addressOf(root, address))
}

const addressOf = (root: string, address: string): AllowedCode => ({ file: `${root} ${address}`, files: new Map() })

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

/** The records of a configuration, the newest first. */
async function recordsOf(folder: string, file: string): Promise<{ readonly path: string; readonly at: number }[]> {
  const names = await readdir(folder).catch(() => [])
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const text = await readIfThere(path)
      if (text === undefined || fileIn(text) !== file) return []
      return [{ path, at: (await stat(path)).mtimeMs }]
    }),
  )
  return found.flat().sort((a, b) => b.at - a.at)
}

function fileIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly file?: unknown } | null)?.file
  } catch {
    return undefined
  }
}
