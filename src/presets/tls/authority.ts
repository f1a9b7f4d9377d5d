import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { DevkError } from '../../errors.ts'
import { readIfThere, writeAtomic } from '../../state/files.ts'
import { type KeyPair, whyNoAuthority } from './key-pair.ts'

/** The paths of the files of a certificate authority in its folder. */
export const authorityFiles = (folder: string) => ({
  certificate: join(folder, 'ca.crt'),
  key: join(folder, 'ca.key'),
})

const lifetimeMs = 10 * 365 * 86_400_000

/**
 * Reads the certificate authority in a folder; undefined if there is none yet. `ends` says whether it expires soon.
 * Throws HOST_UNFIT if one of its files is missing or damaged.
 */
export async function readAuthority(folder: string, now: Date): Promise<(KeyPair & { ends: boolean }) | undefined> {
  const files = authorityFiles(folder)
  const [certificate, key] = await Promise.all([readIfThere(files.certificate), readIfThere(files.key)])
  if (certificate === undefined && key === undefined) return undefined
  const pair = { certificate: certificate ?? '', key: key ?? '' }
  const why = whyNoAuthority(pair, now)
  if (why !== 'damaged') return { ...pair, ends: why === 'expires' }
  throw new DevkError('HOST_UNFIT', `The certificate authority in ${folder} is damaged`, {
    details: [`${files.certificate} and ${files.key} do not belong together, or one is missing.`],
    hint: 'Restore both files, or delete the folder: devk up then creates a new authority, and you trust it again.',
  })
}

/**
 * Reads the certificate authority in a folder, and creates one if there is none or if it expires soon. An old authority
 * is moved to a folder next to it. If two processes create one at the same time, both return the first. Only the owner
 * can read the key (0600). Throws HOST_UNFIT if one of the files is missing or damaged.
 */
export async function ensureAuthority(folder: string, now: Date): Promise<KeyPair> {
  const existing = await readAuthority(folder, now)
  if (existing !== undefined && !existing.ends) return existing
  const created = await createAuthority(now)
  const temporary = `${folder}.${randomUUID()}.tmp`
  const files = authorityFiles(temporary)
  try {
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
    await writeAtomic(files.key, created.key)
    await writeAtomic(files.certificate, created.certificate)
    if (existing !== undefined) await rename(folder, `${folder}-until-${now.toISOString().slice(0, 10)}`)
    await rename(temporary, folder)
    return created
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const other = code === 'ENOTEMPTY' || code === 'EEXIST' ? await readAuthority(folder, now) : undefined
    if (other === undefined) throw error
    return other
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** Creates a certificate authority that is valid for ten years, in memory. */
export async function createAuthority(now: Date): Promise<KeyPair> {
  const { makeAuthority } = await import('./x509.ts')
  const name = `devk local authority ${hostname()}`.slice(0, 64)
  return makeAuthority(name, { from: new Date(now.getTime() - 3_600_000), to: new Date(now.getTime() + lifetimeMs) })
}
