import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dockerEngine } from '../src/engine/engine.ts'
import { execaRunner, type RunOptions } from '../src/exec/runner.ts'
import type { Recipe, Workshop } from '../src/kit/recipe.ts'
import { catalogue, needsGo } from '../src/kit/recipes/catalogue.ts'

/**
 * Writes kit/go/go.sum: the checksums of all modules that the recipes of the kit download, as the public checksum database has them.
 *   node scripts/kit-sums.ts
 * Run it after a change of a version in src/kit/recipes. It downloads modules and compiles nothing. Needs Go.
 */
const kitDir = fileURLToPath(new URL('../kit', import.meta.url))
const target = join(kitDir, 'go', 'go.sum')
const runner = execaRunner(process.env)
const signal = new AbortController().signal
const enough = new Error('all modules of the recipe are known')
const folder = await mkdtemp(join(tmpdir(), 'devk-kit-sums-'))
const copy = join(folder, 'kit')
const sums = new Set<string>()

try {
  await cp(kitDir, copy, { recursive: true })
  await save(join(copy, 'go', 'go.sum'))
  for (const recipe of catalogue(process.arch, true).filter(needsGo)) {
    console.log(recipe.name)
    await recipe.build(workshop(recipe)).catch((error: unknown) => {
      if (error !== enough) throw error
    })
  }
  await save(target)
  console.log(`${sums.size} checksums`)
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** A workshop in which Go downloads and does not compile. */
function workshop(recipe: Recipe): Workshop {
  const dir = join(folder, recipe.name)
  return {
    deps: {
      runner,
      images: dockerEngine(process.env).images,
      cacheDir: folder,
      kitDir: copy,
      mayInstall: false,
      platform: { os: process.platform, arch: process.arch, uid: 1, caBundle: undefined },
      clock: () => 0,
    },
    signal,
    recipe,
    key: '',
    dir,
    out: join(dir, 'out'),
    labels: {},
    outputOf: () => {
      throw enough
    },
    async exec(command, args, options = {}) {
      if (args[0] === 'build') return ''
      // Before it compiles, a recipe lists all packages, for which Go downloads what a build would.
      if (!['cp', 'chmod', 'go'].includes(command)) throw enough
      await mkdir(join(dir, 'out'), { recursive: true })
      const output = await run(command, args, options)
      await learn(output, options.cwd)
      return output
    },
  }
}

async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { exitCode, stdout, stderr } = await runner.run(command, args, options)
  if (exitCode !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
  return stdout
}

/** Keeps what Go has downloaded, and adds it to the copy of the kit, where the recipe looks for it. */
async function learn(output: string, cwd: string | undefined): Promise<void> {
  if (output.startsWith('{')) {
    const { Path, Version, Sum, GoModSum } = JSON.parse(output) as Record<string, string | undefined>
    if (Sum !== undefined) sums.add(`${Path} ${Version} ${Sum}`).add(`${Path} ${Version}/go.mod ${GoModSum}`)
  }
  const lines = cwd === undefined ? '' : await readFile(join(cwd, 'go.sum'), 'utf8').catch(() => '')
  for (const line of lines.split('\n')) if (line !== '') sums.add(line)
  await save(join(copy, 'go', 'go.sum'))
}

async function save(file: string): Promise<void> {
  await writeFile(
    file,
    [...sums]
      .sort()
      .map((line) => `${line}\n`)
      .join(''),
  )
}
