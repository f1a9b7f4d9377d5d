import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hash } from 'bcryptjs'
import type { RegistryCredentials } from '../../engine/image-api.ts'
import { readIfThere, writeAtomic } from '../../state/files.ts'

/** The login of this user to the loopback registry. */
export interface RegistryLogin extends RegistryCredentials {
  /** Folder for the registry, with the file `htpasswd`. It has a hash of the password only. */
  readonly serverFolder: string
  /** Changes with the login. */
  readonly id: string
}

const username = 'devk'
/** The password is random, so that a slow hash would protect nothing, and each request would pay for it. */
const rounds = 4

/** The login in a folder; undefined if it has none, or a damaged one. */
export async function readLogin(folder: string): Promise<RegistryLogin | undefined> {
  const serverFolder = join(folder, 'server')
  const [password, htpasswd] = await Promise.all([
    readIfThere(join(folder, 'password')),
    readIfThere(join(serverFolder, 'htpasswd')),
  ])
  if (!password || !htpasswd) return undefined
  const id = createHash('sha256').update(htpasswd).digest('hex').slice(0, 16)
  return { username, password, serverFolder, id }
}

/**
 * The login in a folder, which is created with a random password if it has none. Only the user may read it. Throws
 * DISK_FULL.
 */
export async function ensureLogin(folder: string): Promise<RegistryLogin> {
  const found = await readLogin(folder)
  if (found !== undefined) return found
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
  const fresh = await mkdtemp(`${folder}.`)
  try {
    const password = randomBytes(32).toString('base64url')
    await writeAtomic(join(fresh, 'server', 'htpasswd'), `${username}:${await hash(password, rounds)}\n`)
    await writeAtomic(join(fresh, 'password'), password)
    return await publish(fresh, folder)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

/** Another devk may have published a login in the meantime: its login counts. */
async function publish(fresh: string, folder: string): Promise<RegistryLogin> {
  for (let attempt = 0; attempt < 3; attempt++) {
    await rename(fresh, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error
    })
    const login = await readLogin(folder)
    if (login !== undefined) return login
    await rm(folder, { recursive: true, force: true })
  }
  throw new Error(`${folder} does not keep the login of the registry`)
}

/** The value of the header `Authorization` of a login. */
export function basicAuthorization({ username: name, password }: RegistryCredentials): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
}
