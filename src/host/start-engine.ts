import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import { waitUntil } from '../lib/wait.ts'

export interface EngineHost {
  readonly runner: Runner
  /** devk's state folder, for the engine's log. */
  readonly stateFolder: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

/** Whether dockerd of version 23 or newer is installed on this machine. */
export async function engineInstalled({ runner, signal }: Pick<EngineHost, 'runner' | 'signal'>): Promise<boolean> {
  const { exitCode, stdout } = await runner.run('dockerd', ['--version'], { signal })
  return exitCode === 0 && Number(/version (\d+)/.exec(stdout)?.[1] ?? 0) >= 23
}

/**
 * Installs Docker from Debian's packages: the stable suite's own when it is new enough, else that of the next suite, through an apt
 * configuration of its own, so that the machine's sources stay as they are. Throws HOST_UNFIT where there is no apt.
 */
export async function installEngine(host: EngineHost): Promise<void> {
  const { runner, signal, say } = host
  const sources = '/etc/apt/sources.list.d/debian.sources'
  const text = existsSync(sources) ? await readFile(sources, 'utf8') : ''
  const mirror = /^URIs:\s*(\S+)/m.exec(text)?.[1]
  if (mirror === undefined) {
    throw new DevkError('HOST_UNFIT', 'devk can install a Docker engine on Debian only', {
      hint: 'Install Docker Engine 23 or newer (docs.docker.com/engine/install), then run devk up again.',
    })
  }
  const folder = join(tmpdir(), `devk-apt-${process.pid}`)
  await mkdir(join(folder, 'lists/partial'), { recursive: true })
  await mkdir(join(folder, 'cache/archives/partial'), { recursive: true })
  const line = `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror} trixie main\n`
  const { writeFile } = await import('node:fs/promises')
  await writeFile(join(folder, 'sources.list'), line)
  const own = [
    ['Dir::Etc::SourceList', 'sources.list'],
    ['Dir::State::Lists', 'lists'],
    ['Dir::Cache', 'cache'],
  ].flatMap(([key, leaf]) => ['-o', `${key}=${join(folder, leaf ?? '')}`])
  const apt = async (args: readonly string[]) => {
    const result = await runner.run('apt-get', args, {
      signal,
      onLine: say,
      env: { ...host.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (result.exitCode === 0) return
    throw new DevkError('HOST_UNFIT', `apt-get ${args.at(-1)} failed`, {
      details: result.stderr.split('\n').slice(-10),
      hint: 'Run devk up as root, or install Docker Engine 23 or newer yourself.',
    })
  }
  try {
    await apt(['update'])
    await apt(['install', '-y', 'iptables', 'containerd', 'runc'])
    const next = [...own, '-o', 'Dir::Etc::SourceParts=/dev/null']
    await apt([...next, 'update'])
    await apt([...next, 'install', '-y', '--no-install-recommends', 'docker.io', 'docker-buildx', 'docker-cli'])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Starts dockerd beside devk, so that it stays when devk ends. Throws ENGINE_UNAVAILABLE with its log when it does not answer. */
export async function startEngine({ runner, stateFolder, say, signal }: EngineHost): Promise<void> {
  await mkdir(stateFolder, { recursive: true, mode: 0o700 })
  const log = join(stateFolder, 'dockerd.log')
  const known = ['/var/lib/devk-docker/data', '/var/lib/docker'].find((path) => existsSync(path)) ?? '/var/lib/docker'
  say(`starting dockerd (data in ${known}, log in ${log})`)
  const out = openSync(log, 'a', 0o600)
  const child = spawn('dockerd', ['--data-root', known], { detached: true, stdio: ['ignore', out, out] })
  child.on('error', () => {})
  child.unref()
  const check = async () => {
    const { exitCode } = await runner.run('docker', ['info'], { signal })
    return exitCode === 0 ? undefined : 'it does not answer yet'
  }
  try {
    await waitUntil(check, { what: 'The Docker engine', timeoutMs: 60_000, intervalMs: 500, signal })
  } catch (cause) {
    signal.throwIfAborted()
    const tail = (await readFile(log, 'utf8')).trim().split('\n').slice(-10)
    throw new DevkError('ENGINE_UNAVAILABLE', 'dockerd does not start', {
      details: tail,
      cause,
      hint: `Its log: ${log}`,
    })
  }
}
