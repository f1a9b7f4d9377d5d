import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../..', import.meta.url))
/** The folder of the `node` that a checkout runs on. */
export const pinnedNode = join(repository, 'node_modules/.bin')

/** A project of another developer: devk is installed from its tarball, and nothing of this repository is near. */
export interface ForeignProject {
  /** Its path has a space. */
  readonly folder: string
  /** Runs a program in it; `node` is the folder of the Node that comes first on PATH. */
  run(node: string, program: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished>
  dispose(): Promise<void>
}

export interface Finished {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Builds the package with its agents, packs it, and installs the tarball into an empty project of type `commonjs`, as npm makes one. */
export async function foreignProject(): Promise<ForeignProject> {
  const root = await mkdtemp(join(tmpdir(), 'devk-package-'))
  const folder = join(root, 'another project')
  const env = { XDG_STATE_HOME: join(root, 'state'), XDG_DATA_HOME: join(root, 'data'), NO_COLOR: '1' }
  await execute(join(pinnedNode, 'node'), ['scripts/build.js', '--agents'], { cwd: repository })
  const packed = await execute('npm', ['pack', '--json', '--pack-destination', root], { cwd: repository })
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }]
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'another', type: 'commonjs' }))
  await execute('npm', ['install', '--save-dev', join(root, filename)], { cwd: folder })
  return {
    folder,
    run: (node, program, args, more = {}) => {
      const path = [node, process.env.PATH].join(delimiter)
      return finish(program, args, { cwd: folder, env: { ...env, PATH: path, ...more } })
    },
    dispose: () => rm(root, { recursive: true, force: true }),
  }
}

/** Installs the oldest Node that devk runs on and gives the folder of its `node`. */
export function oldestNode(into: string): Promise<string> {
  return pinned('oldest-node', into)
}

/** Installs the official programs that test servers of the Model Context Protocol, and gives their folder. */
export function mcpPrograms(into: string): Promise<string> {
  return pinned('mcp-programs', into)
}

/** Installs what a folder beside this file names; npm checks it against the lockfile there. */
async function pinned(name: string, into: string): Promise<string> {
  await cp(join(repository, 'test/support', name), into, { recursive: true })
  await execute('npm', ['ci', '--ignore-scripts'], { cwd: into })
  return join(into, 'node_modules/.bin')
}

interface Options {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
}

function finish(program: string, args: readonly string[], { cwd, env }: Options): Promise<Finished> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...usersEnvironment(), ...env }, maxBuffer: 64 * 1024 * 1024 }
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    })
  })
}

/** This process's environment without what npm and vitest added, which another npm would take for its own settings. */
function usersEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env)
  return Object.fromEntries(entries.filter(([name]) => !/^(npm_|VITEST|NODE_ENV$|NODE_OPTIONS$|INIT_CWD$)/i.test(name)))
}

async function execute(program: string, args: readonly string[], options: Options): Promise<Finished> {
  const finished = await finish(program, args, options)
  if (finished.exitCode === 0) return finished
  throw new Error(`${program} ${args.join(' ')} in ${options.cwd} failed:\n${finished.stdout}${finished.stderr}`)
}
