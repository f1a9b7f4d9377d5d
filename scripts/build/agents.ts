import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { packagedAgent } from '../../src/agent/binary.ts'
import { compileAgent } from '../../src/agent/compile.ts'
import { execaRunner } from '../../src/exec/runner.ts'
import { builtGo, hostGo } from '../../src/kit/find-go.ts'
import { statePaths } from '../../src/state/paths.ts'

const architectures = ['amd64', 'arm64']
const rule = `\n\n${'-'.repeat(80)}\n`
const runner = execaRunner(process.env)

/** A Go module that is compiled into the agents. */
export interface AgentModule {
  readonly path: string
  readonly version: string
  /** SPDX identifier. */
  readonly licence: string
  /** Folder with its source. */
  readonly folder: string
}

/**
 * Builds the agents of the published package into `dist`, one for each architecture of nodes, with the licences of the
 * code that is compiled into them. Returns the modules of that code. Throws if Go is not installed, and with the output
 * of the compiler.
 */
export async function buildAgents(root: string, dist: string): Promise<AgentModule[]> {
  const source = join(root, 'agent')
  const { signal } = new AbortController()
  const go = (await hostGo(runner, signal)) ?? (await builtGo(statePaths(process.env).cache))
  if (go === undefined) throw new Error('The package contains agents, which need Go 1.24 or newer to be built')
  for (const arch of architectures) {
    const file = join(dist, packagedAgent(arch))
    const out = `${file}.program`
    await mkdir(join(file, '..'), { recursive: true })
    const { exitCode, stderr } = await compileAgent(runner, go, { source, arch, out }, signal)
    if (exitCode !== 0) throw new Error(`The agent for ${arch} cannot be built:\n${stderr}`)
    await writeFile(file, await promisify(gzip)(await readFile(out), { level: 9 }))
    await rm(out)
  }
  const modules = await modulesOf(go, source)
  await writeFile(join(dist, 'agent/LICENSES.txt'), await licences(modules))
  const version = (await output(go, ['env', 'GOVERSION'], source)).trim().replace(/^go/, '')
  return [...modules, { path: 'stdlib', version, licence: 'BSD-3-Clause', folder: '' }]
}

async function modulesOf(go: string, source: string): Promise<AgentModule[]> {
  const args = ['list', '-m', '-f', '{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}', 'all']
  const lines = (await output(go, args, source)).split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const [path = '', version = '', folder = ''] = line.split(' ')
    // The page of licences says the same: scripts/pages/licences.ts.
    if (!path.startsWith('golang.org/x/')) throw new Error(`The agent has a new module ${path}: name its licence`)
    return { path, version, licence: 'BSD-3-Clause', folder }
  })
}

async function output(go: string, args: readonly string[], cwd: string): Promise<string> {
  const { exitCode, stdout, stderr } = await runner.run(go, args, { cwd })
  if (exitCode !== 0) throw new Error(`go ${args[0]}: ${stderr}`)
  return stdout
}

/**
 * The licences of the agent's modules, and of Go's runtime and standard library, which are part of each program.
 * Packages of Go from Linux distributions lack its file; golang.org/x/sys has the same text.
 */
async function licences(modules: readonly AgentModule[]): Promise<string> {
  const sections = await Promise.all(
    modules.map(async ({ path, version, folder }) => {
      const title = path === 'golang.org/x/sys' ? `Go and ${path}@${version}` : `${path}@${version}`
      return `${title}\n\n${(await readFile(join(folder, 'LICENSE'), 'utf8')).trim()}`
    }),
  )
  return `${['The agents contain code of the modules below, under these licences.', ...sections].join(rule)}\n`
}
