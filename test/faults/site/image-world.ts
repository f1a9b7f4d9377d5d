import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '../../e2e/support/eventually.ts'
import { type FullableDisk, mountDisk, startSecondEngine } from '../../support/second-engine.ts'
import { built } from '../support/control-plane.ts'

const run = promisify(execFile)

/** The registry as devk's configuration names it. */
export const registry = 'localhost:5000'
/** What the images of the tests start from. */
export const base = 'busybox:1.37'

/** An engine and a registry of the tests' own, each with a small disk. */
export interface ImageWorld {
  readonly engine: FullableDisk
  readonly registry: FullableDisk
  /** The environment of a devk that uses both. */
  readonly environment: NodeJS.ProcessEnv
  /** Content of a file of an image as the registry has it. */
  contentOf(reference: string, file: string): Promise<string>
  /** The tags that the engine has of a project. */
  tagsOf(project: string): Promise<string[]>
  /** Removes all images of a project from the engine. */
  forget(project: string): Promise<void>
  stop(): Promise<void>
}

/** Starts both. The engine has the base image of this machine's engine. */
export async function startImageWorld(): Promise<ImageWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'devk-faults-images-'))
  const engine = await startSecondEngine(64)
  const disk = await mountDisk(join(folder, 'disk'), 32)
  const { environment } = engine
  const docker = async (...args: string[]) => (await run('docker', args, { env: environment })).stdout.trim()
  const inNetwork = (...words: string[]): [string, string[]] => [
    'nsenter',
    [`--net=/proc/${engine.pid}/ns/net`, ...words],
  ]
  const config = join(folder, 'config.json')
  const storage = { filesystem: { rootdirectory: join(disk.folder, 'data') } }
  await writeFile(config, JSON.stringify({ version: 0.1, storage, http: { addr: '127.0.0.1:5000' } }))
  const [command, words] = inNetwork(await built('registry-program', 'registry'), 'serve', config)
  const server = spawn(command, words, { stdio: 'ignore', env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' } })
  const ended = once(server, 'exit')
  await eventually('the registry', 30, () =>
    run(...inNetwork('curl', '-sf', `http://${registry}/v2/`)).then(() => true),
  )
  const archive = join(folder, 'base.tar')
  await run('docker', ['save', '--output', archive, base])
  await docker('load', '--input', archive)
  await rm(archive)
  const tagsOf = async (project: string) => {
    const lines = (await docker('images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n')
    return lines.filter((line) => line.includes(`/${project}/`))
  }
  const forget = async (project: string) => {
    const tags = await tagsOf(project)
    if (tags.length > 0) await docker('rmi', '--force', ...tags)
  }
  return {
    engine: engine.disk,
    registry: disk,
    environment,
    tagsOf,
    forget,
    async contentOf(reference, file) {
      await docker('rmi', '--force', reference)
      await docker('pull', '--quiet', reference)
      const id = await docker('create', '--network=none', reference, 'true')
      try {
        await docker('cp', `${id}:${file}`, join(folder, 'copied'))
        return await readFile(join(folder, 'copied'), 'utf8')
      } finally {
        await docker('rm', id)
      }
    },
    async stop() {
      server.kill('SIGKILL')
      await ended
      await engine.stop()
      await disk.unmount()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
