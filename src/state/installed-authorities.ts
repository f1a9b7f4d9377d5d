import { X509Certificate } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfThere, writeAtomic } from './files.ts'

/** A certificate authority that devk made this machine trust, or is about to. */
export interface InstalledAuthority {
  /** A copy of its certificate, which stays when the folder of the authority is deleted. */
  readonly file: string
  /** PEM. */
  readonly certificate: string
}

/** The authorities that were recorded in a folder, in the order of their fingerprints. Damaged files are left out. */
export async function readInstalled(folder: string): Promise<readonly InstalledAuthority[]> {
  const names = await readdir(folder).catch(() => [])
  const files = names.filter((name) => /^[0-9A-F]{64}\.crt$/.test(name)).sort()
  const read = await Promise.all(
    files.map(async (name) => {
      const file = join(folder, name)
      const certificate = (await readIfThere(file)) ?? ''
      return isCertificate(certificate) ? [{ file, certificate }] : []
    }),
  )
  return read.flat()
}

/** Records an authority before a machine is made to trust it. Returns the record. Throws DISK_FULL. */
export async function recordInstalled(folder: string, certificate: string): Promise<InstalledAuthority> {
  const file = join(folder, `${new X509Certificate(certificate).fingerprint256.replaceAll(':', '')}.crt`)
  if ((await readIfThere(file)) !== certificate) await writeAtomic(file, certificate)
  return { file, certificate }
}

/** Forgets the authority with this fingerprint (SHA-256 in hexadecimal digits): the machine no longer trusts it. */
export async function forgetInstalled(folder: string, sha256: string): Promise<void> {
  await rm(join(folder, `${sha256}.crt`), { force: true })
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0
  } catch {
    return false
  }
}
