import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Runner } from '../exec/runner.ts'
import { exists } from '../lib/paths.ts'
import { goIsRecent } from './gomod.ts'

/** Path of Debian's Go in the output of the kit's recipe. */
export const goInOutput = 'lib/go-1.24/bin/go'

/** The go command of the machine; undefined if Go 1.24 or newer is not installed. */
export async function hostGo(runner: Runner, signal: AbortSignal): Promise<string | undefined> {
  for (const candidate of ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go']) {
    const { exitCode, stdout } = await runner.run(candidate, ['version'], { signal })
    if (exitCode === 0 && goIsRecent(stdout)) return candidate
  }
  return undefined
}

/** Path of the go command that the kit has built on this machine; undefined if it has built none. */
export async function builtGo(cacheDir: string): Promise<string | undefined> {
  const kit = join(cacheDir, 'kit')
  const outputs = (await readdir(kit).catch(() => [])).filter((name) => /^go-[0-9a-f]{16}$/.test(name))
  for (const name of outputs) {
    const go = join(kit, name, goInOutput)
    if (await exists(go)) return go
  }
  return undefined
}
