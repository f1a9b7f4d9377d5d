import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import {
  downloadModule,
  type GoWorkspace,
  goCommand,
  readGoMod,
  requireKnownModules,
  runGo,
  writeModule,
} from './go-modules.ts'
import { type GoReplacement, type GoRequirement, temporaryModule } from './gomod.ts'
import { findRefused } from './licences.ts'
import type { Workshop } from './recipe.ts'

/** A Go command and the file it is compiled to. */
export interface GoProgram {
  /** File name of the program in the output. */
  readonly out: string
  /** Import path of the command. */
  readonly package: string
}

/** A module whose files the kit replaces in part. */
export interface GoPatch {
  readonly module: string
  /** Version of the published module. Without it, `folder` is the whole module. */
  readonly version?: string
  /** Folder in the folder `kit/` of the package. Its files replace those of the module, or are added to it. */
  readonly folder: string
}

/** Flags of `go build`. */
interface GoFlags {
  readonly ldflags?: string
  /** Build tags, separated by commas. */
  readonly tags?: string
}

/** Programs that are built from one published module. */
export interface GoBuild extends GoRequirement, GoFlags {
  readonly programs: readonly GoProgram[]
  readonly patches?: readonly GoPatch[]
}

/**
 * Builds commands of published modules to the output of the recipe. Downloads and compiled packages stay in the caches
 * of Go. Throws TOOL_MISSING if there is no Go, KIT_FAILED with the end of the build output.
 */
export async function buildGoPrograms(work: Workshop, builds: readonly GoBuild[]): Promise<void> {
  const go = await goCommand(work)
  for (const [index, build] of builds.entries()) {
    const workspace = { work, go, cwd: join(work.dir, `module-${index}`) }
    await mkdir(workspace.cwd, { recursive: true })
    const { GoMod } = await downloadModule(work, go, build)
    const upstream = await readGoMod(work, go, GoMod)
    const patched = await patchModules(workspace, build.patches ?? [])
    await writeModule(workspace, temporaryModule(work.recipe.name, build, upstream, { patched }))
    for (const program of build.programs) {
      await runGo(workspace, ['get', '-tool', `${program.package}@${build.version}`])
      await requireKnownModules(workspace)
      await compile(workspace, program, build)
    }
  }
}

/** Creates the patched modules in folders of the workspace. */
async function patchModules({ work, go, cwd }: GoWorkspace, patches: readonly GoPatch[]): Promise<GoReplacement[]> {
  return Promise.all(
    patches.map(async ({ module, version, folder }, index) => {
      const to = join(cwd, `patched-${index}`)
      await rm(to, { recursive: true, force: true })
      if (version !== undefined) {
        const { Dir } = await downloadModule(work, go, { module, version })
        // Files of the module cache are read-only. Without this option the copies would be too, and could not be
        // replaced.
        await work.exec('cp', ['-r', '--no-preserve=mode', Dir, to])
      }
      await cp(join(work.deps.kitDir, folder), to, { recursive: true })
      return { module, folder: `./patched-${index}` }
    }),
  )
}

/**
 * Builds a Go command whose go.mod and go.sum are in the kit, in the folder `source`. They decide the versions. The
 * source of the command is in the same folder, unless `package` names a command of a required module. Throws
 * the same errors as buildGoPrograms.
 */
export async function buildGoModule(
  work: Workshop,
  source: string,
  build: GoFlags & { readonly out: string; readonly package?: string },
): Promise<void> {
  const go = await goCommand(work)
  const cwd = await sourceFolder(work, source)
  await compile({ work, go, cwd }, { out: build.out, package: build.package ?? '.' }, build)
}

/**
 * Builds a Go command whose source is in the kit, in the folder `source`. Its go.mod is created: it requires `module`.
 * That module replaces its dependencies with folders of its own repository (in Kubernetes: staging). They are published
 * as modules too, and the go.mod requires them at `stagingVersion`. Throws the same errors as buildGoPrograms.
 */
export async function buildGoSource(
  work: Workshop,
  source: string,
  build: Omit<GoBuild, 'programs'> & { readonly out: string; readonly stagingVersion: string },
): Promise<void> {
  const go = await goCommand(work)
  const workspace = { work, go, cwd: await sourceFolder(work, source) }
  const { GoMod } = await downloadModule(work, go, build)
  const upstream = await readGoMod(work, go, GoMod)
  const { stagingVersion } = build
  await writeModule(workspace, temporaryModule(work.recipe.name, build, upstream, { stagingVersion }))
  await runGo(workspace, ['mod', 'tidy'])
  await requireKnownModules(workspace)
  await compile(workspace, { out: build.out, package: '.' }, build)
}

/** Builds a Go command of the kit that uses only the standard library. Throws the same errors as buildGoPrograms. */
export async function buildPlainGoSource(work: Workshop, source: string, out: string): Promise<void> {
  const go = await goCommand(work)
  const cwd = await sourceFolder(work, source)
  await writeFile(join(cwd, 'go.mod'), `module devk.kit/${out}\n\ngo 1.24\n`)
  await compile({ work, go, cwd }, { out, package: '.' })
}

async function sourceFolder(work: Workshop, source: string): Promise<string> {
  const cwd = join(work.dir, 'source')
  await rm(cwd, { recursive: true, force: true })
  await cp(join(work.deps.kitDir, source), cwd, { recursive: true })
  return cwd
}

async function compile(workspace: GoWorkspace, program: GoProgram, flags: GoFlags = {}): Promise<void> {
  const out = join(workspace.work.out, program.out)
  const tags = flags.tags ? ['-tags', flags.tags] : []
  const listed = await runGo(workspace, ['list', '-deps', ...tags, '-f', packageFolders, program.package])
  await checkLicences(program, listed)
  const args = ['build', '-trimpath', '-ldflags', `-s -w ${flags.ldflags ?? ''}`.trim(), ...tags]
  await runGo(workspace, [...args, '-o', out, program.package])
}

/** For `go list`: the folder of each package and of its module; nothing for the standard library. */
const packageFolders = '{{if .Module}}{{.Dir}}\t{{.Module.Dir}}{{end}}'

/** Throws KIT_FAILED if a package of the program is under a licence that the kit refuses. */
async function checkLicences(program: GoProgram, listed: string): Promise<void> {
  const sources = listed.split('\n').flatMap((line) => {
    const [folder = '', module = ''] = line.split('\t')
    return module === '' ? [] : [{ folder, module }]
  })
  const found = await findRefused(sources)
  if (found === undefined) return
  const message = `${program.package} contains code under the ${found.licence}, so the kit does not build it`
  throw new DevkError('KIT_FAILED', message, {
    details: [found.folder],
    hint: 'Use an image that is published by its authors, or another version of the program.',
  })
}
