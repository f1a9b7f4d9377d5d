import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import { type GoModFile, type GoReplacement, type GoRequirement, goIsRecent, throwAwayModule } from './gomod.ts'
import type { KitDeps, Workshop } from './recipe.ts'

export interface GoProgram {
  /** File name of the result. */
  readonly out: string
  /** Import path of the command. */
  readonly package: string
}

/** A module that is built in another shape than published. */
export interface GoPatch {
  readonly module: string
  /** The published module that is copied first; without it the module is what lies in `folder`. */
  readonly version?: string
  /** Folder of the kit whose files are laid over it. */
  readonly folder: string
}

export interface GoBuild extends GoRequirement {
  readonly programs: readonly GoProgram[]
  readonly patches?: readonly GoPatch[]
  readonly ldflags?: string
  readonly tags?: string
}

const debianGo = 'go'

/** The machine's own Go when it is 1.24 or newer; undefined when there is none that will do. */
export async function hostGo(deps: KitDeps, signal: AbortSignal): Promise<string | undefined> {
  for (const candidate of ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go']) {
    const { exitCode, stdout } = await deps.runner.run(candidate, ['version'], { signal })
    if (exitCode === 0 && goIsRecent(stdout)) return candidate
  }
  return undefined
}

async function goCommand(work: Workshop): Promise<string> {
  if (work.recipe.tools.includes(debianGo)) return join(work.outputOf(debianGo), 'lib/go-1.24/bin/go')
  const found = await hostGo(work.deps, work.signal)
  if (found) return found
  throw new DevkError('TOOL_MISSING', 'Go 1.24 or newer is not installed', {
    hint: 'Install Go, then run devk kit build.',
  })
}

/** Builds commands of published modules into the recipe's output. Downloads and compiled packages stay in Go's own caches. */
export async function buildGoPrograms(work: Workshop, builds: readonly GoBuild[]): Promise<void> {
  const go = await goCommand(work)
  for (const [index, build] of builds.entries()) {
    const cwd = join(work.dir, `module-${index}`)
    await mkdir(cwd, { recursive: true })
    const { GoMod } = await downloadModule(work, go, build)
    const upstream = await goModFile(work, go, GoMod)
    const ours = await patchModules(work, go, cwd, build.patches ?? [])
    await writeFile(join(cwd, 'go.mod'), throwAwayModule(work.recipe.name, build, upstream, undefined, ours))
    for (const program of build.programs) {
      await work.exec(go, ['get', '-tool', `${program.package}@${build.version}`], { cwd })
      await compile(work, go, cwd, build, program)
    }
  }
}

/** Lays the patched modules beside the throw-away module. */
async function patchModules(
  work: Workshop,
  go: string,
  cwd: string,
  patches: readonly GoPatch[],
): Promise<GoReplacement[]> {
  return Promise.all(
    patches.map(async ({ module, version, folder }, index) => {
      const to = join(cwd, `patched-${index}`)
      await rm(to, { recursive: true, force: true })
      if (version !== undefined) {
        const { Dir } = await downloadModule(work, go, { module, version })
        // Files of the module cache are read-only, and cp keeps that; what comes over them must be able to replace them.
        await work.exec('cp', ['-r', '--no-preserve=mode', Dir, to])
      }
      await cp(join(work.deps.kitDir, folder), to, { recursive: true })
      return { module, folder: `./patched-${index}` }
    }),
  )
}

/**
 * Builds a Go command whose go.mod and go.sum lie in the kit: what those two name is what is built. Its source lies there too, unless
 * `package` names a command of a module that they require.
 */
export async function buildGoModule(
  work: Workshop,
  source: string,
  build: Pick<GoBuild, 'ldflags' | 'tags'> & { readonly out: string; readonly package?: string },
): Promise<void> {
  const go = await goCommand(work)
  const cwd = await sourceFolder(work, source)
  await compile(work, go, cwd, build, { out: build.out, package: build.package ?? '.' })
}

/**
 * Builds a Go command whose source lies in the kit. With `module`, its go.mod requires that module, whose own staging folders
 * are replaced by the modules published from them at `stagingVersion`; without, the source uses the standard library only.
 */
export async function buildGoSource(
  work: Workshop,
  source: string,
  build: Omit<GoBuild, 'programs'> & { readonly out: string; readonly stagingVersion: string },
): Promise<void> {
  const go = await goCommand(work)
  const cwd = await sourceFolder(work, source)
  const { GoMod } = await downloadModule(work, go, build)
  const upstream = await goModFile(work, go, GoMod)
  await writeFile(join(cwd, 'go.mod'), throwAwayModule(work.recipe.name, build, upstream, build.stagingVersion))
  await work.exec(go, ['mod', 'tidy'], { cwd })
  await compile(work, go, cwd, build, { out: build.out, package: '.' })
}

/** Builds a Go command of the kit that uses the standard library only. */
export async function buildPlainGoSource(work: Workshop, source: string, out: string): Promise<void> {
  const go = await goCommand(work)
  const cwd = await sourceFolder(work, source)
  await writeFile(join(cwd, 'go.mod'), `module devk.kit/${out}\n\ngo 1.24\n`)
  await compile(work, go, cwd, {}, { out, package: '.' })
}

/** Copies a folder of a module's source. */
export async function copyFromModule(work: Workshop, need: GoRequirement, folder: string, to: string): Promise<void> {
  const { Dir } = await downloadModule(work, await goCommand(work), need)
  await cp(join(Dir, folder), to, { recursive: true })
  // Go's module cache is read-only, and the copies are too.
  await work.exec('chmod', ['-R', 'u+w', to])
}

async function sourceFolder(work: Workshop, source: string): Promise<string> {
  const cwd = join(work.dir, 'source')
  await rm(cwd, { recursive: true, force: true })
  await cp(join(work.deps.kitDir, source), cwd, { recursive: true })
  return cwd
}

async function downloadModule(
  work: Workshop,
  go: string,
  need: GoRequirement,
): Promise<{ GoMod: string; Dir: string }> {
  // Outside any module, so that no go.mod above the cache folder is taken for ours.
  const stdout = await work.exec(go, ['mod', 'download', '-json', `${need.module}@${need.version}`], {
    cwd: work.dir,
    env: { GOWORK: 'off' },
  })
  return JSON.parse(stdout) as { GoMod: string; Dir: string }
}

async function goModFile(work: Workshop, go: string, path: string): Promise<GoModFile> {
  return JSON.parse(await work.exec(go, ['mod', 'edit', '-json', path], { cwd: work.dir })) as GoModFile
}

async function compile(
  work: Workshop,
  go: string,
  cwd: string,
  build: Pick<GoBuild, 'ldflags' | 'tags'>,
  program: GoProgram,
): Promise<void> {
  const out = join(work.out, program.out)
  const args = ['build', '-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${build.ldflags ?? ''}`.trim()]
  if (build.tags) args.push('-tags', build.tags)
  await work.exec(go, [...args, '-o', out, program.package], { cwd, env: { CGO_ENABLED: '0', GOWORK: 'off' } })
}
