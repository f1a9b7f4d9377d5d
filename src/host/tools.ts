import { constants } from 'node:fs'
import { access, mkdir, realpath, rename, rm, stat, symlink } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import type { Runner } from '../exec/runner.ts'
import { isWithin } from '../lib/paths.ts'
import { inRange } from '../lib/version.ts'
import { kubectlFact } from './kubectl.ts'
import { inModules } from './search-path.ts'

/** Where programs are looked for and linked. */
export interface ToolDeps {
  readonly runner: Runner
  /** devk's folder of programs. */
  readonly bin: string
  /** The variable PATH. */
  readonly path: string
  /** Default: the user that devk runs as. */
  readonly uid?: number
  readonly signal: AbortSignal
}

/** A program that devk runs. */
export type Tool = 'kind' | 'kubectl'

/**
 * Provides programs in devk's folder: existing programs stay as long as they can be trusted, and suitable programs on
 * PATH are linked. Returns those that are still missing, for the kit to build.
 */
export async function adoptTools(names: readonly Tool[], deps: ToolDeps): Promise<Tool[]> {
  const missing: Tool[] = []
  for (const name of names) {
    const own = join(deps.bin, name)
    if (await isOwn(own, name, deps)) continue
    const found = await onPath(name, deps)
    if (found === undefined) {
      await rm(own, { force: true })
      missing.push(name)
    } else await link(found, own, deps.bin)
  }
  return missing
}

/**
 * The path of a program, for commands that change nothing: the one in devk's folder, or else the one on PATH that
 * `adoptTools` would link. If there is none, the path in devk's folder, where starting it fails.
 */
export async function toolPath(name: Tool, deps: ToolDeps): Promise<string> {
  const own = join(deps.bin, name)
  if (await isOwn(own, name, deps)) return own
  return (await onPath(name, deps)) ?? join(deps.bin, 'missing', name)
}

/**
 * The kubectl that renders kustomizations before devk has one of its own: the one of `toolPath`, or else any on PATH,
 * since a version that is too old for a cluster still renders.
 */
export async function renderingKubectl(deps: ToolDeps): Promise<string> {
  const fitting = await toolPath('kubectl', deps)
  if (fitting !== join(deps.bin, 'missing', 'kubectl')) return fitting
  for await (const file of runnableOn(deps.path, 'kubectl', deps.uid)) return file
  return fitting
}

/**
 * Whether a program in devk's folder may be used: one that the kit built, or a link to a program that is still on PATH.
 * Others were linked when PATH had a folder of another project.
 */
async function isOwn(own: string, name: Tool, { bin, path, uid }: ToolDeps): Promise<boolean> {
  if (!(await runnable(own, uid ?? process.getuid?.()))) return false
  const target = await realpath(own)
  if (isWithin(target, await realpath(dirname(bin)))) return true
  for await (const file of runnableOn(path, name, uid)) if ((await realpath(file)) === target) return true
  return false
}

/** Whether a program is in one of the folders of a search path. */
export async function isInstalled(name: string, path: string): Promise<boolean> {
  for await (const _file of runnableOn(path, name)) return true
  return false
}

/** Whether devk is tested with this version of kind. Pure. */
export function kindFits(version: string): boolean {
  return inRange(version, '>=0.30.0 <1')
}

/** The minor version of the Kubernetes that devk's node image runs. */
const clusterMinor = 34

/**
 * Whether this version of kubectl may talk to devk's clusters: one minor version older or newer
 * (https://kubernetes.io/releases/version-skew-policy/#kubectl). Pure.
 */
export function kubectlFits(version: string): boolean {
  return inRange(version, `>=1.${clusterMinor - 1} <1.${clusterMinor + 2}`)
}

async function onPath(name: Tool, { runner, path, bin, signal, uid }: ToolDeps): Promise<string | undefined> {
  for await (const file of runnableOn(path, name, uid)) {
    if (file === join(bin, name)) continue
    if (name === 'kubectl') {
      const fact = await kubectlFact(runner, signal, 3000, file)
      if (fact.state === 'real' && kubectlFits(fact.version)) return file
    } else {
      const { exitCode, stdout } = await runner.run(file, ['version', '-q'], { signal, timeoutMs: 3000 })
      if (exitCode === 0 && kindFits(stdout.trim())) return file
    }
  }
  return undefined
}

/** The programs of a name in the folders of a search path, in order; relative folders are skipped. */
async function* runnableOn(path: string, name: string, uid = process.getuid?.()): AsyncGenerator<string> {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name)
    if (isAbsolute(folder) && (await runnable(file, uid))) yield file
  }
}

/**
 * Whether a file, or the target of a link, is a program that nobody else on this machine can replace: it belongs to
 * root or to the user, and no package of a project brings it.
 */
async function runnable(file: string, user: number | undefined): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    const { uid } = await stat(file)
    return (uid === 0 || uid === user) && !inModules(await realpath(file))
  } catch {
    return false
  }
}

/** Replaces the link at once: another devk may start the program, or link it too, at the same time. */
async function link(file: string, own: string, bin: string): Promise<void> {
  await mkdir(bin, { recursive: true })
  const created = `${own}.${crypto.randomUUID()}`
  await symlink(await realpath(file), created)
  await rename(created, own)
}
