import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import { exists } from '../lib/paths.ts'
import { compileAgent } from './compile.ts'

/** What building the agent requires. */
export interface AgentBuild {
  readonly runner: Runner
  /** devk's cache folder. The result is written to a folder below it. */
  readonly cacheDir: string
  /** Returns the path of a Go command that is recent enough, or undefined if the machine has none. */
  readonly findGo: (signal: AbortSignal) => Promise<string | undefined>
}

/** How long builds of other states of the source are kept. Another checkout may use them. */
const keptMs = 7 * 24 * 3_600_000

/** What building a program of devk in Go requires. */
export interface GoProgramBuild extends AgentBuild {
  /** The folder of its results in the cache. */
  readonly name: string
  /** Settings of Go. */
  readonly env: Readonly<Record<string, string>>
  /** The error for the output of the compiler; undefined: Go is not installed. */
  readonly failed: (output: string | undefined) => DevkError
}

/**
 * Builds the agent from its source folder, unless the cache contains it. Returns the path of the program. Throws
 * NODE_AGENT with the output of the compiler, or if Go is not installed.
 */
export function builtAgent(build: AgentBuild, source: string, arch: string, signal: AbortSignal): Promise<string> {
  return builtGoProgram({ ...build, name: 'agent', env: {}, failed: notBuilt }, source, arch, signal)
}

/**
 * Builds a program from its source folder, unless the cache contains it. Returns the path of the program. Throws what
 * `failed` returns.
 */
export async function builtGoProgram(
  { runner, cacheDir, findGo, name, env, failed }: GoProgramBuild,
  source: string,
  arch: string,
  signal: AbortSignal,
): Promise<string> {
  const folder = join(cacheDir, name)
  const file = join(folder, `linux-${arch}-${await keyOf(source)}`)
  if (await exists(file)) return file
  const go = await findGo(signal)
  if (go === undefined) throw failed(undefined)
  await mkdir(folder, { recursive: true })
  const fresh = `${file}.${process.pid}`
  try {
    const { exitCode, stderr } = await compileAgent(runner, go, { source, arch, out: fresh, env }, signal)
    if (exitCode !== 0) throw failed(stderr)
    await rename(fresh, file)
  } finally {
    await rm(fresh, { force: true })
  }
  await removeOld(folder, file)
  return file
}

function notBuilt(output: string | undefined): DevkError {
  if (output === undefined) {
    return new DevkError('NODE_AGENT', "devk's agent for the nodes cannot be built: Go is not installed", {
      hint: 'Install Go 1.24 or newer.',
    })
  }
  return new DevkError('NODE_AGENT', "devk's agent for the nodes cannot be built", {
    details: output.trim().split('\n').slice(-5),
    hint: 'Fix what the Go compiler reports.',
  })
}

/** A hash of all files that a program is built from: its Go files except tests, and the versions of its modules. */
async function keyOf(source: string): Promise<string> {
  const names = await readdir(source, { recursive: true })
  const hash = createHash('sha256')
  for (const name of names.filter((each) => /(^go\.(mod|sum)|(?<!_test)\.go)$/.test(each)).sort()) {
    const content = await readFile(join(source, name))
    hash.update(`${name}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 16)
}

async function removeOld(folder: string, current: string): Promise<void> {
  const { mtimeMs } = await stat(current)
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const stats = await stat(path).catch(() => undefined)
    if (stats && stats.mtimeMs < mtimeMs - keptMs) await rm(path, { force: true })
  }
}
