import { appendFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import { engineLabels } from '../lib/keys.ts'
import type { KitCache } from './cache.ts'
import type { KitDeps, Recipe, Workshop } from './recipe.ts'

/** Nothing hangs for ever; on a machine that is busy with other things a compilation may take hours. */
const limitSeconds = 4 * 3600

/** Sets a recipe's folders up and gives its build function what it works with. */
export async function openWorkshop(
  deps: KitDeps,
  cache: KitCache,
  keys: ReadonlyMap<string, string>,
  recipe: Recipe,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<Workshop> {
  const keyOf = (name: string): string => {
    const key = keys.get(name)
    if (key === undefined) throw new Error(`no key for the kit's recipe "${name}"`)
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
      // coreutils' timeout makes a process group of its own and passes a signal on to all of it, so that an abort also ends
      // what go and debootstrap have started.
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
      // The runner gives 127 as well for what a signal ended: then the program was there, and is not to be installed.
      const killed = result.stderr.includes('was killed with SIG')
      if (result.exitCode === 127 && !killed) {
        throw new DevkError('TOOL_MISSING', `${command} is not installed; the kit needs it for ${recipe.name}`, {
          details: last,
          hint: `Install ${command} and run devk kit build again; it goes on where it was.`,
        })
      }
      throw new DevkError(
        'KIT_FAILED',
        `Building ${recipe.name} ${recipe.version} failed: ${command} ${killed ? 'was ended from outside' : `exited with ${result.exitCode}`}`,
        {
          details: last.length > 0 ? last : result.stderr.split('\n').slice(-12),
          hint: `The whole output is in ${log}. devk kit build goes on where it was.`,
        },
      )
    },
  }
}
