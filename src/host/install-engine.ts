import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import { installedEngine, newEnough } from './engine-fact.ts'
import { aptPreferences, type InstallPlan, installPlan, type PackageFacts } from './install-plan.ts'
import { osRelease } from './proc.ts'

/** What the installation needs. */
export interface InstallDeps {
  readonly runner: Runner
  readonly platform: NodeJS.Platform
  readonly uid: number
  /** Lines of the installation, for a progress display. */
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

const quiet = { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' }

/**
 * Installs a Docker engine with the package manager of the system. Throws HOST_UNFIT, with what to do instead, where
 * that is not possible.
 */
export async function installEngine(deps: InstallDeps): Promise<void> {
  const facts = await packageFacts(deps)
  const plan = installPlan(facts)
  if (plan.from === 'nowhere')
    throw new DevkError('HOST_UNFIT', `No Docker engine is installed, and ${plan.why}`, { hint: plan.hint })
  const options = ['install', '--yes', '--no-install-recommends']
  if (plan.from === 'own-sources') await apt(deps, [...options, ...plan.packages])
  else await fromNextSuite(deps, plan, options)
  const version = await installedEngine(deps.runner, deps.signal)
  if (version !== undefined && newEnough(version)) return
  throw new DevkError(
    'HOST_UNFIT',
    version === undefined
      ? 'apt succeeded, but dockerd was not installed'
      : `apt succeeded, but dockerd ${version} is too old`,
    {
      hint: 'Install Docker Engine 23 or newer (docs.docker.com/engine/install), then run devk again.',
    },
  )
}

async function packageFacts({ runner, platform, uid, say, signal }: InstallDeps): Promise<PackageFacts> {
  const apt = (await runner.run('apt-get', ['--version'], { signal })).exitCode === 0
  if (apt && uid === 0) {
    say('reading the package lists')
    await runner.run('apt-get', ['update'], { signal, env: quiet })
  }
  const candidate = async (name: string) => {
    const { stdout } = await runner.run('apt-cache', ['policy', name], { signal, env: { LC_ALL: 'C' } })
    return /^\s+Candidate: (\d\S*)$/m.exec(stdout)?.[1]
  }
  const [offered, cli] = apt ? await Promise.all(['docker.io', 'docker-cli'].map(candidate)) : []
  const release = osRelease(await readFile('/etc/os-release', 'utf8').catch(() => ''))
  return {
    platform,
    root: uid === 0,
    osRelease: release,
    apt,
    offered,
    separateCli: cli !== undefined,
    sources: await sources(),
  }
}

async function sources(): Promise<string> {
  const folder = '/etc/apt/sources.list.d'
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.(list|sources)$/.test(name))
  const files = ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))]
  return (await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))).join('\n')
}

/**
 * Uses a temporary apt configuration: the machine's sources, and the next suite with a low priority. The machine's own
 * configuration stays unchanged.
 */
async function fromNextSuite(
  deps: InstallDeps,
  plan: InstallPlan & { from: 'next-suite' },
  options: readonly string[],
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'devk-apt-'))
  const place = (leaf: string) => join(folder, leaf)
  try {
    await Promise.all(
      ['lists/partial', 'cache/archives/partial', 'parts'].map((leaf) => mkdir(place(leaf), { recursive: true })),
    )
    const copy = async (from: string, to: string) =>
      cp(from, to, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      })
    await copy('/etc/apt/sources.list.d', place('parts'))
    await copy('/etc/apt/sources.list', place('parts/machine.list'))
    await writeFile(place('parts/devk-next.list'), plan.source)
    await writeFile(place('preferences'), aptPreferences(plan.suite))
    const settings = {
      'Dir::Etc::SourceList': '/dev/null',
      'Dir::Etc::SourceParts': place('parts'),
      'Dir::Etc::Preferences': place('preferences'),
      'Dir::State::Lists': place('lists'),
      'Dir::Cache': place('cache'),
    }
    const own = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`])
    await apt(deps, [...own, 'update'])
    await apt(deps, [...own, ...options, ...plan.packages.map((name) => `${name}/${plan.suite}`)])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function apt({ runner, say, signal }: InstallDeps, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runner.run('apt-get', args, { signal, env: quiet, onLine: say })
  if (exitCode === 0) return
  throw new DevkError('HOST_UNFIT', 'apt-get could not install the Docker engine', {
    details: stderr.trim().split('\n').slice(-10),
    hint: 'Fix that, or install Docker Engine 23 or newer (docs.docker.com/engine/install). Then run devk again.',
  })
}
