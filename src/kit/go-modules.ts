import { copyFile, cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import { goInOutput, hostGo } from './find-go.ts'
import type { GoModFile, GoRequirement } from './gomod.ts'
import { unknownModules } from './gosum.ts'
import type { Workshop } from './recipe.ts'

/** The module in which a recipe runs Go. */
export interface GoWorkspace {
  readonly work: Workshop
  /** Path or name of the go command. */
  readonly go: string
  /** Folder with the go.mod. */
  readonly cwd: string
}

const debianGo = 'go'

/**
 * Settings of Go that no setting of the machine changes. A module that the kit's go.sum does not name is compared with
 * the public checksum database: no module is private, and none comes over an unchecked connection. An empty value would
 * not do, since Go then reads its own settings file. Without GOWORK=off, Go would use a go.work file above the cache
 * folder. The machine decides only which proxy modules come from. See `go help environment`.
 */
export const goSettings: Readonly<Record<string, string>> = {
  CGO_ENABLED: '0',
  GOFLAGS: '-buildvcs=false',
  GOINSECURE: 'none.invalid',
  GONOSUMDB: 'none.invalid',
  GOPRIVATE: 'none.invalid',
  GOSUMDB: 'sum.golang.org',
  GOWORK: 'off',
}

/** Runs Go in a workspace; gives its output. Throws KIT_FAILED. */
export function runGo({ work, go, cwd }: GoWorkspace, args: readonly string[]): Promise<string> {
  return work.exec(go, args, { cwd, env: goSettings })
}

/** The go command that compiles this recipe. Throws TOOL_MISSING. */
export async function goCommand(work: Workshop): Promise<string> {
  if (work.recipe.tools.includes(debianGo)) return join(work.outputOf(debianGo), goInOutput)
  const found = await hostGo(work.deps.runner, work.signal)
  if (found) return found
  throw new DevkError('TOOL_MISSING', 'Go 1.24 or newer is not installed', {
    hint: 'Install Go, then run devk kit build again.',
  })
}

/**
 * Creates the go.mod of a workspace, and puts the kit's go.sum beside it. Go checks each download against it, without
 * the checksum database.
 */
export async function writeModule({ work, cwd }: GoWorkspace, goMod: string): Promise<void> {
  await writeFile(join(cwd, 'go.mod'), goMod)
  await copyFile(kitSums(work), join(cwd, 'go.sum'))
}

/** Throws KIT_FAILED if Go has added a module to the go.sum of a workspace that the kit's go.sum does not have. */
export async function requireKnownModules({ work, cwd }: GoWorkspace): Promise<void> {
  await requireKnown(work, await readFile(join(cwd, 'go.sum'), 'utf8'))
}

/** Downloads a module into the cache of Go, and checks it against the kit's go.sum. Throws KIT_FAILED. */
export async function downloadModule(
  work: Workshop,
  go: string,
  need: GoRequirement,
): Promise<{ GoMod: string; Dir: string }> {
  const workspace = { work, go, cwd: work.dir }
  // Go reads the go.sum only beside a go.mod.
  await writeModule(workspace, `module devk.kit/${work.recipe.name}/download\n\ngo 1.24\n`)
  const stdout = await runGo(workspace, ['mod', 'download', '-json', `${need.module}@${need.version}`])
  const found = JSON.parse(stdout) as { GoMod: string; Dir: string; Path: string; Version: string; Sum: string }
  await requireKnown(work, `${found.Path} ${found.Version} ${found.Sum}`)
  return found
}

/** Reads the go.mod of a downloaded module. Throws KIT_FAILED. */
export async function readGoMod(work: Workshop, go: string, path: string): Promise<GoModFile> {
  return JSON.parse(await runGo({ work, go, cwd: work.dir }, ['mod', 'edit', '-json', path])) as GoModFile
}

/**
 * Copies a folder of the source of a published module to the folder `to`. Throws TOOL_MISSING if there is no Go, and
 * KIT_FAILED.
 */
export async function copyFromModule(work: Workshop, need: GoRequirement, folder: string, to: string): Promise<void> {
  const { Dir } = await downloadModule(work, await goCommand(work), need)
  await cp(join(Dir, folder), to, { recursive: true })
  // The files of the module cache are read-only, and so are their copies.
  await work.exec('chmod', ['-R', 'u+w', to])
}

/** The go.sum of all modules that the kit downloads. It changes no result, so it is not part of a key. */
function kitSums({ deps }: Workshop): string {
  return join(deps.kitDir, 'go', 'go.sum')
}

async function requireKnown(work: Workshop, sums: string): Promise<void> {
  const unknown = unknownModules(await readFile(kitSums(work), 'utf8'), sums)
  if (unknown.length === 0) return
  throw new DevkError(
    'KIT_FAILED',
    `devk has no checksum of ${unknown.length} modules that ${work.recipe.name} needs`,
    {
      details: unknown.slice(0, 12),
      hint: 'Install the devk package again. In a checkout, run node scripts/kit-sums.ts after a change of a version.',
    },
  )
}
