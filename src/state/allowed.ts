import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { byCodeUnits } from '../lib/order.ts'
import { isRecord } from '../lib/record.ts'
import { digestKey, keyedDigest } from './digest-key.ts'
import { readIfThere, writeAtomic } from './files.ts'

/** Code that a user allowed: a configuration and the files that it imports, each with its hash. */
export interface AllowedCode {
  /** Real path of the configuration. */
  readonly file: string
  readonly files: ReadonlyMap<string, string>
}

/** Where consent is kept. */
export interface Consents {
  readonly folder: string
  /** File with the key of the digests: a file of the code may have a short secret. */
  readonly keyFile: string
}

/** Whether the user allowed exactly this code. */
export async function isAllowed(consents: Consents, code: AllowedCode): Promise<boolean> {
  return isNoted(consents, await keyed(consents, code))
}

/** Remembers that the user allowed this code. Throws DISK_FULL. */
export async function allow(consents: Consents, code: AllowedCode): Promise<void> {
  await note(consents, await keyed(consents, code))
  // A user who edits a configuration a lot does not need each of its versions for ever.
  const known = await recordsOf(consents, code.file)
  for (const { path } of known.slice(mostVersions)) await rm(path, { force: true })
}

/** Forgets every version of a configuration, or everything that was allowed for a folder. Returns how many records. */
export async function forget(consents: Consents, file: string): Promise<number> {
  const known = await recordsOf(consents, file)
  for (const { path } of known) await rm(path, { force: true })
  return known.length
}

/** Those of the addresses that the user has not allowed devk to fetch for the project in the folder `root`. */
export async function unallowed(consents: Consents, root: string, addresses: readonly string[]): Promise<string[]> {
  const known = await Promise.all(addresses.map((address) => isNoted(consents, forProject(root, 'fetch', address))))
  return addresses.filter((_, i) => !known[i])
}

/** Remembers that the user allowed devk to fetch these addresses. Throws DISK_FULL. */
export async function allowAddresses(consents: Consents, root: string, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) await note(consents, forProject(root, 'fetch', address))
}

/** Those of the commands that the user has not allowed devk to run for the project in the folder `root`. */
export async function unallowedCommands(consents: Consents, root: string, ids: readonly string[]): Promise<string[]> {
  const key = await digestKey(consents.keyFile)
  const known = await Promise.all(ids.map((id) => isNoted(consents, forProject(root, 'run', keyedDigest(key, id)))))
  return ids.filter((_, i) => !known[i])
}

/** Remembers that the user allowed devk to run these commands. Throws DISK_FULL. */
export async function allowCommands(consents: Consents, root: string, ids: readonly string[]): Promise<void> {
  const key = await digestKey(consents.keyFile)
  for (const id of ids) await note(consents, forProject(root, 'run', keyedDigest(key, id)))
}

/** The files and folders outside of its repository that the user allowed the project in the folder `root` to use. */
export async function allowedPaths(consents: Consents, root: string): Promise<string[]> {
  const known = await recordsOf(consents, root)
  return known.flatMap(({ files }) => Object.entries(files).flatMap(([path, how]) => (how === 'use' ? [path] : [])))
}

/** Remembers that the user allowed a project to use these files and folders, given by their real paths. */
export async function allowPaths(consents: Consents, root: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) await note(consents, forProject(root, 'use', path))
}

const forProject = (root: string, how: 'fetch' | 'run' | 'use', what: string): AllowedCode => ({
  file: root,
  files: new Map([[what, how]]),
})

async function isNoted(consents: Consents, what: AllowedCode): Promise<boolean> {
  return (await readIfThere(await recordOf(consents, what))) !== undefined
}

async function note(consents: Consents, what: AllowedCode): Promise<void> {
  const text = JSON.stringify({ file: what.file, files: Object.fromEntries(what.files) }, null, 2)
  await writeAtomic(await recordOf(consents, what), `${text}\n`)
}

/** Code with keyed digests in place of its hashes: nobody can guess a short secret in a file from them. */
async function keyed({ keyFile }: Consents, { file, files }: AllowedCode): Promise<AllowedCode> {
  const key = await digestKey(keyFile)
  return { file, files: new Map([...files].map(([path, hash]) => [path, keyedDigest(key, hash)])) }
}

const mostVersions = 10

/** One file for each version, so that going back to an earlier one, as Git does, asks nothing. */
async function recordOf({ folder, keyFile }: Consents, { file, files }: AllowedCode): Promise<string> {
  const parts = [...files].sort(([a], [b]) => byCodeUnits(a, b))
  return join(folder, `${keyedDigest(await digestKey(keyFile), JSON.stringify([file, parts]))}.json`)
}

interface Known {
  readonly path: string
  readonly at: number
  readonly files: Readonly<Record<string, unknown>>
}

/** The records of a configuration or folder, the newest first. */
async function recordsOf({ folder }: Consents, file: string): Promise<Known[]> {
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
