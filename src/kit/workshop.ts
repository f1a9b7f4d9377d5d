import { appendFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import { engineLabels } from '../lib/keys.ts'
import type { KitCache } from './cache.ts'
import type { KitDeps, Recipe, Workshop } from './recipe.ts'

/** Time limit of a program. A compilation can take hours on a busy machine. */
const limitSeconds = 4 * 3600

/** What the recipes of one build share. */
export interface KitBuild {
  readonly deps: KitDeps
  readonly cache: KitCache
  /** The key of each recipe, by its name. */
  readonly keys: ReadonlyMap<string, string>
}

/**
 * Creates the folders of a recipe, and returns what its build function needs. `onLine` gets each line of output of the
 * programs that the function runs.
 */
export async function openWorkshop(
  { deps, cache, keys }: KitBuild,
  recipe: Recipe,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<Workshop> {
  const keyOf = (name: string): string => {
    const key = keys.get(name)
    if (key === undefined) throw new Error(`the recipe "${name}" of the kit has no key`)
    return key
  }
  const key = keyOf(recipe.name)
  const dir = cache.workDir(recipe.name, key)
  const out = join(dir, 'out')
  const log = join(dir, 'log')
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  return {
    deps,
    signal,
    recipe,
    key,
    dir,
    out,
    labels: {
      [engineLabels.kit]: recipe.name,
      [engineLabels.kitKey]: key,
      ...(recipe.standIn === undefined ? {} : { [engineLabels.standIn]: recipe.standIn }),
    },
    outputOf: (name) => cache.outputDir(name, keyOf(name)),
    async exec(command, args, options = {}) {
      const last: string[] = []
      // timeout (GNU coreutils) creates a process group and forwards signals to all of it. So an abort also ends the
      // processes that go and debootstrap have started.
      const group = ['-k', '0.5', String(limitSeconds), command, ...args]
      const result = await deps.runner.run('timeout', group, {
        ...options,
        signal,
        onLine: (line) => {
          if (line.trim() === '') return
          last.push(line)
          if (last.length > 12) last.shift()
          onLine(line)
        },
      })
      await appendFile(log, `$ ${[command, ...args].join(' ')}\n${result.stderr}\nexit ${result.exitCode}\n`)
      if (result.exitCode === 0) return result.stdout
      // The runner also returns 127 for a program that a signal ended. Such a program is installed.
      const killed = result.stderr.includes('was killed with SIG')
      if (result.exitCode === 127 && !killed) {
        throw new DevkError('TOOL_MISSING', `${command} is not installed; the kit needs it for ${recipe.name}`, {
          details: last,
          hint: `Install ${command}, then run devk kit build again. It continues where it stopped.`,
        })
      }
      const reason = killed ? 'was killed' : `exited with ${result.exitCode}`
      throw new DevkError('KIT_FAILED', `Building ${recipe.name} ${recipe.version} failed: ${command} ${reason}`, {
        details: last.length > 0 ? last : result.stderr.split('\n').slice(-12),
        hint: `Read the full output in ${log}, then run devk kit build again. It continues where it stopped.`,
      })
    },
  }
}
