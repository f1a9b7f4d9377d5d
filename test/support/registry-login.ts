import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RegistryCredentials } from '../../src/engine/image-api.ts'

/** Arguments of docker that give it a login to a registry. They name a configuration in a new folder below `parent`. */
export async function withLogin(
  parent: string,
  host: string,
  login: RegistryCredentials | undefined,
): Promise<readonly string[]> {
  const folder = join(parent, 'docker-config')
  await mkdir(folder, { recursive: true })
  const auths = login === undefined ? {} : { [host]: { auth: btoa(`${login.username}:${login.password}`) } }
  await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }))
  return ['--config', folder]
}
