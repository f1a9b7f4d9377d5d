import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { DevkError } from '../../errors.ts'
import { readIfThere, writeAtomic } from '../../state/files.ts'
import { type KeyPair, whyNoAuthority } from './key-pair.ts'

/** The files of the authority below its folder. */
export const authorityFiles = (folder: string) => ({
  certificate: join(folder, 'ca.crt'),
  key: join(folder, 'ca.key'),
})

const years = 10 * 365 * 86_400_000

/** The authority of this folder; undefined when none was made yet. Throws HOST_UNFIT when a file is missing or damaged. */
export async function readAuthority(folder: string, now: Date): Promise<(KeyPair & { ends: boolean }) | undefined> {
  const files = authorityFiles(folder)
  const [certificate, key] = await Promise.all([readIfThere(files.certificate), readIfThere(files.key)])
  if (certificate === undefined && key === undefined) return undefined
  const pair = { certificate: certificate ?? '', key: key ?? '' }
  const why = whyNoAuthority(pair, now)
  if (why !== 'damaged') return { ...pair, ends: why === 'expires' }
  throw new DevkError('HOST_UNFIT', `The certificate authority in ${folder} is damaged`, {
    details: [`${files.certificate} and ${files.key} do not belong together, or one is missing.`],
    hint: 'Put both files back, or delete the folder: devk up makes another authority, which has to be trusted anew.',
  })
}

/**
 * The authority of this folder, made when there is none or when it ends soon; an old one is kept beside it. With two at once the first one
 * counts for both. The key is for its owner only (0600). Throws HOST_UNFIT.
 */
export async function readyAuthority(folder: string, now: Date): Promise<KeyPair> {
  const there = await readAuthority(folder, now)
  if (there !== undefined && !there.ends) return there
  const made = await freshAuthority(now)
  const fresh = `${folder}.${randomUUID()}.tmp`
  const files = authorityFiles(fresh)
  try {
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
    await writeAtomic(files.key, made.key)
    await writeAtomic(files.certificate, made.certificate)
    if (there !== undefined) await rename(folder, `${folder}-until-${now.toISOString().slice(0, 10)}`)
    await rename(fresh, folder)
    return made
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const other = code === 'ENOTEMPTY' || code === 'EEXIST' ? await readAuthority(folder, now) : undefined
    if (other === undefined) throw error
    return other
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

/** An authority of ten years that is written nowhere. */
export async function freshAuthority(now: Date): Promise<KeyPair> {
  const { makeAuthority } = await import('./x509.ts')
  const name = `devk local authority ${hostname()}`.slice(0, 64)
  return makeAuthority(name, { from: new Date(now.getTime() - 3_600_000), to: new Date(now.getTime() + years) })
}
