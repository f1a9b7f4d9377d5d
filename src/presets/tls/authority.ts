import { randomUUID, X509Certificate } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { DevkError } from '../../errors.ts'
import { readIfThere, writeAtomic } from '../../state/files.ts'
import { day, type KeyPair, type Outdated, whyNoAuthority } from './key-pair.ts'
import { localNames } from './names.ts'

/** Where a certificate authority is, and the DNS names that it signs for. */
export interface AuthorityPlace {
  readonly folder: string
  readonly names: readonly string[]
}

/** A certificate authority that was read from its folder. `outdated`: why `ensureAuthority` would replace it. */
export type StoredAuthority = KeyPair & { readonly outdated: Outdated | undefined }

/** A certificate authority that can sign, and the one that it replaced in this call, if any. */
export type EnsuredAuthority = KeyPair & { readonly replaced?: { readonly why: Outdated; readonly folder: string } }

/** The paths of the files of a certificate authority in its folder. */
export const authorityFiles = (folder: string) => ({
  certificate: join(folder, 'ca.crt'),
  key: join(folder, 'ca.key'),
})

const lifetimeMs = 10 * 365 * day

/**
 * Reads the certificate authority in a folder; undefined if there is none yet. Throws HOST_UNFIT if one of its files is
 * missing or damaged.
 */
export async function readAuthority(place: AuthorityPlace, now: Date): Promise<StoredAuthority | undefined> {
  const files = authorityFiles(place.folder)
  const [certificate, key] = await Promise.all([readIfThere(files.certificate), readIfThere(files.key)])
  if (certificate === undefined && key === undefined) return undefined
  const pair = { certificate: certificate ?? '', key: key ?? '' }
  const why = whyNoAuthority(pair, place.names, now)
  if (why !== 'damaged') return { ...pair, outdated: why }
  throw new DevkError('HOST_UNFIT', `The certificate authority in ${place.folder} is damaged`, {
    details: [`${files.certificate} and ${files.key} do not belong together, or one is missing.`],
    hint: 'Restore both files, or delete the folder: devk up then creates a new authority, and you trust it again.',
  })
}

/**
 * Reads the certificate authority in a folder, and creates one if there is none, if it expires soon or if it signs for
 * other names. An old authority is moved to a folder next to it. If two processes create one at the same time, both
 * return the first. Only the owner can read the key (0600). Throws HOST_UNFIT if a file is missing or damaged.
 */
export async function ensureAuthority(place: AuthorityPlace, now: Date): Promise<EnsuredAuthority> {
  const { folder, names } = place
  const existing = await readAuthority(place, now)
  if (existing !== undefined && existing.outdated === undefined) return existing
  const created = await createAuthority(names, now)
  const temporary = `${folder}.${randomUUID()}.tmp`
  const files = authorityFiles(temporary)
  try {
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
    await writeAtomic(files.key, created.key)
    await writeAtomic(files.certificate, created.certificate)
    const aside = existing === undefined ? undefined : await retireAuthority(folder, existing, now)
    await rename(temporary, folder)
    const why = existing?.outdated
    return aside === undefined || why === undefined ? created : { ...created, replaced: { why, folder: aside } }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const other = code === 'ENOTEMPTY' || code === 'EEXIST' ? await readAuthority(place, now) : undefined
    if (other === undefined) throw error
    return other
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/**
 * Moves an authority to a folder next to it and deletes its key, since machines may still trust what it signs. Returns
 * that folder; undefined if there is no authority any more. The folder is named after the certificate, so that of two
 * processes only one moves it: the other one fails with ENOTEMPTY and does not move what replaced it.
 */
export async function retireAuthority(
  folder: string,
  { certificate }: KeyPair,
  now: Date,
): Promise<string | undefined> {
  const name = new X509Certificate(certificate).fingerprint256.replaceAll(':', '').slice(0, 8).toLowerCase()
  const aside = `${folder}-until-${now.toISOString().slice(0, 10)}-${name}`
  try {
    await rename(folder, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  await rm(authorityFiles(aside).key, { force: true })
  return aside
}

/** The files and texts of the certificates of the authorities that `retireAuthority` moved out of a folder. */
export async function retiredAuthorities(folder: string): Promise<{ file: string; certificate: string }[]> {
  const home = dirname(folder)
  const names = await readdir(home).catch(() => [])
  const asides = names.filter((name) => name.startsWith(`${basename(folder)}-until-`)).sort()
  const read = asides.map(async (name) => {
    const file = authorityFiles(join(home, name)).certificate
    return { file, certificate: (await readIfThere(file)) ?? '' }
  })
  return (await Promise.all(read)).filter(({ certificate }) => certificate !== '')
}

/** Creates a certificate authority for DNS names that is valid for ten years, in memory. */
export async function createAuthority(names: readonly string[], now: Date): Promise<KeyPair> {
  const { makeAuthority } = await import('./x509.ts')
  const isLocal = names.every((name) => localNames.includes(name))
  const name = `devk ${isLocal ? 'local authority' : 'authority for named hosts'} ${hostname()}`
  return makeAuthority(name, names, {
    from: new Date(now.getTime() - 3_600_000),
    to: new Date(now.getTime() + lifetimeMs),
  })
}
