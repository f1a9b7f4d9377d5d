import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Path of kind: on PATH, or where devk installs it. Throws when it is in neither place, because an e2e test is never skipped. */
export function findKind(): Promise<string> {
  return findTool('kind', (process.env.PATH ?? '').split(':'))
}

/** Path of the kubectl that devk installs; PATH may hold another version. Throws when devk has not installed it. */
export function findKubectl(): Promise<string> {
  return findTool('kubectl', [])
}

async function findTool(name: string, folders: readonly string[]): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const own = join(cache, 'devk', 'bin')
  for (const folder of [...folders, own]) {
    if (await exists(join(folder, name))) return join(folder, name)
  }
  throw new Error(`${name} is not in ${[...folders, own].join(', ')}: run bin/devk doctor --fix first`)
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
